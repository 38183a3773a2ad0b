import type { ClientConfig } from 'pg';
import type { SourceDefinition } from '../definitions/model.js';
import type { ChangesDefinition } from './change-feed.js';

/** A source whose changes are heard. */
export interface WatchedSource {
  readonly name: string;
  readonly changes: ChangesDefinition;
  /** How the driver reaches its database. */
  readonly database: () => Promise<ClientConfig>;
  /** All of its declaration in one text: another text is another feed. */
  readonly declaration: string;
}

/** A source with a feed. */
interface FedDefinition {
  readonly changes: ChangesDefinition | null;
  readonly database: () => Promise<ClientConfig>;
}

/** What a definition says of its feed; null: it has none. */
export function watchedSource(definition: SourceDefinition): WatchedSource | null {
  if (!isFed(definition) || definition.changes === null) return null;
  const { name, changes, database, place: _place, ...rest } = definition;
  return { name, changes, database, declaration: JSON.stringify([rest, changes.feed, [...changes.tables]]) };
}

function isFed(definition: SourceDefinition): definition is SourceDefinition & FedDefinition {
  return 'changes' in definition;
}
