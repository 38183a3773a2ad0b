import type { Clock } from '../clock.js';
import type { Definitions } from '../definitions/model.js';
import type { SourceDefinition } from '../definitions/source-definitions.js';
import type { Log } from '../log.js';
import { openDuckdbSource } from './duckdb/duckdb-source.js';
import { openHttpSource } from './http/http-source.js';
import { openPostgresSource } from './postgres/postgres-source.js';
import type { Source, SourceObserver } from './source.js';

export interface OpenSourcesOptions {
  readonly observer: SourceObserver;
  readonly log: Log;
  readonly clock: Clock;
  /** Most memory one DuckDB source may use. */
  readonly memoryLimitBytes?: number;
}

/** Opens every declared source, by name. None is waited for: one that is absent says so in its state and heals by itself. */
export function openSources(
  definitions: Pick<Definitions, 'sources'>,
  options: OpenSourcesOptions,
): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const [name, definition] of definitions.sources) {
    sources.set(name, openSource(definition, options));
  }
  return sources;
}

function openSource(definition: SourceDefinition, options: OpenSourcesOptions): Source {
  if (definition.type === 'http') return openHttpSource(definition, options);
  if (definition.type === 'postgres') return openPostgresSource(definition, options);
  return openDuckdbSource(definition, options);
}
