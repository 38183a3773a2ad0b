import type { ClientConfig } from 'pg';
import type { SourceDefinition } from '../definitions/source-definitions.js';
import { clientConfig } from '../sources/postgres/client-config.js';
import type { ChangesDefinition } from './change-feed.js';

/** A source whose changes are heard. */
export interface WatchedSource {
  readonly name: string;
  readonly changes: ChangesDefinition;
  /** How the driver reaches its database, or what stands before it. */
  readonly database: () => Promise<ClientConfig>;
  /** All of its declaration in one text: another text is another feed. */
  readonly declaration: string;
}

/** What a definition says of its feed; null: it has none. */
export function watchedSource(definition: SourceDefinition): WatchedSource | null {
  if (definition.type !== 'postgres' || definition.changes === null) return null;
  const { name, changes } = definition;
  return {
    name,
    changes,
    database: () => clientConfig(changes.address),
    declaration: JSON.stringify([changes.address, changes.feed, [...changes.tables]]),
  };
}
