import { type WatchedSource, watchedSource } from '../services/changes/watched-source.js';
import { tablesReadFrom, unwatchedWarning, watchingOf } from '../services/changes/watching.js';
import { systemClock } from '../services/clock.js';
import { checkQueries, type QueriesChecked } from '../services/definitions/check-queries.js';
import { type DefinitionFault, DefinitionFaults } from '../services/definitions/definition-faults.js';
import { type LoadOptions, loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions, Panel } from '../services/definitions/model.js';
import { panelTables } from '../services/definitions/panel-tables.js';
import { silentLog } from '../services/log.js';
import { openSources } from '../services/sources/open-sources.js';
import type { Source } from '../services/sources/source.js';

/** What a look at a folder of definitions found. */
export interface Inspection {
  /** Null where the files themselves are at fault: then no query was checked. */
  readonly definitions: Definitions | null;
  readonly faults: readonly DefinitionFault[];
  /** What has no effect, or less than may be meant, as sentences. */
  readonly warnings: readonly string[];
  /** The sources whose queries could not be checked, and why. */
  readonly absent: readonly { readonly source: string; readonly reason: string | null }[];
}

/** Checks a folder as a start would: its files, and its queries by the sources that they ask. */
export async function inspectDefinitions(folder: string, options: LoadOptions): Promise<Inspection> {
  let definitions: Definitions;
  try {
    definitions = await loadDefinitions(folder, options);
  } catch (error) {
    if (!(error instanceof DefinitionFaults)) throw error;
    return { definitions: null, faults: error.faults, warnings: [], absent: [] };
  }
  return inspectQueries(definitions);
}

async function inspectQueries(definitions: Definitions): Promise<Inspection> {
  const observer = { sourceQuery: () => {} };
  const sources = openSources(definitions, { observer, log: silentLog, clock: systemClock });
  try {
    const queries = await checkQueries(definitions, sources, { unknownDependencies: 'fault' });
    const { faults, unproved, absent } = queries;
    return {
      definitions,
      // By place, and each once.
      faults: new DefinitionFaults([...faults, ...unproved]).faults,
      warnings: [...definitions.shadowed, ...(await warningsOfFeeds(definitions, queries))],
      absent: absent.map((source) => ({ source, reason: sources.get(source)?.state().detail ?? null })),
    };
  } finally {
    await Promise.all([...sources.values()].map((source: Source) => source.close()));
  }
}

/** Tables that panels read and the feed of their source does not watch. */
async function warningsOfFeeds(
  { sources, dashboards }: Definitions,
  { checked, absent }: QueriesChecked,
): Promise<string[]> {
  const watched = [...sources.values()].flatMap((source) => watchedSource(source) ?? []);
  const tablesOf = (panel: Panel) => panelTables(panel, checked.get(panel) ?? []).tables;
  const warnings: string[] = [];
  for (const source of watched.filter(({ name }) => !absent.includes(name))) {
    const tables = tablesReadFrom(source.name, { dashboards: dashboards.values(), tablesOf });
    const warning = await warningOfFeed(source, tables);
    if (warning !== null) warnings.push(warning);
  }
  return warnings;
}

async function warningOfFeed(source: WatchedSource, tables: readonly string[]): Promise<string | null> {
  try {
    return unwatchedWarning(source, await watchingOf(source, tables, systemClock));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `Whether the feed of ${source.name} watches what its panels read could not be asked: ${reason}`;
  }
}
