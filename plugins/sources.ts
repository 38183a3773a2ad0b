import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { type BudgetParts, withBudget } from '../services/budget/with-budget.js';
import type { Definitions } from '../services/definitions/model.js';
import type { SourceDefinition } from '../services/definitions/source-definitions.js';
import { BreakerSource, type RefusalObserver } from '../services/sources/breaker-source.js';
import { openSources } from '../services/sources/open-sources.js';
import type { Source, SourceObserver } from '../services/sources/source.js';

declare module 'fastify' {
  interface FastifyInstance {
    sources: SourceRegistry;
  }
}

type TablesListener = (source: string, tables: readonly string[]) => void;

export interface SourceRegistry {
  get(name: string): Source | undefined;
  all(): Iterable<BreakerSource>;
  /** Opens what is new or declared differently, beside what is in use. */
  prepare(definitions: Definitions): PreparedSources;
  onTablesChanged(listener: TablesListener): void;
  /** Calls the listener after every query that failed. */
  onQueryFailed(listener: (source: string) => void): void;
}

/** Sources of definitions that are not in force yet. */
export interface PreparedSources {
  readonly sources: ReadonlyMap<string, Source>;
  /** From now on these are the sources. */
  use(): void;
  /** These definitions are not taken: closes what was opened for them. */
  abandon(): Promise<void>;
}

interface OpenSource {
  readonly declared: string;
  readonly source: BreakerSource;
}

/** What replaced sources still have to answer; then they are closed. */
const LINGER_MS = 60_000;

export interface SourcesPluginOptions {
  readonly redisPrefix: string;
}

/** Opens, keeps and closes the sources. None is waited for: the service starts and serves without them (invariant 9). */
async function sources(app: FastifyInstance, { redisPrefix }: SourcesPluginOptions): Promise<void> {
  const listeners = new Set<TablesListener>();
  const failureListeners = new Set<(source: string) => void>();
  const observer: SourceObserver & RefusalObserver = {
    sourceQuery(source, durationMs, failed) {
      app.observer.sourceQuery(source, durationMs, failed);
      if (failed) for (const listener of failureListeners) listener(source);
    },
    sourceRefused: (source) => app.observer.sourceRefused(source),
  };
  const lingering = new Set<Source>();
  let open: ReadonlyMap<string, OpenSource> = new Map();
  const { clock, log, redisConnection } = app;
  const budget = { redis: redisConnection.client, prefix: redisPrefix, clock, log, observer: app.observer };

  app.decorate('sources', {
    get: (name) => open.get(name)?.source,
    all: () => [...open.values()].map(({ source }) => source),
    prepare(definitions) {
      const wanted = openChanged(app, definitions, { open, observer, budget });
      const fresh = [...wanted.values()].filter((each) => open.get(each.source.name) !== each);
      return {
        sources: new Map([...wanted].map(([name, { source }]) => [name, source])),
        use() {
          const left = [...open.values()].filter((each) => wanted.get(each.source.name) !== each);
          open = wanted;
          for (const { source } of fresh) tellChanges(source, listeners);
          for (const { source } of left) linger(app, source, lingering);
        },
        abandon: () => closeAll(fresh.map(({ source }) => source)),
      };
    },
    onTablesChanged: (listener) => listeners.add(listener),
    onQueryFailed: (listener) => failureListeners.add(listener),
  } satisfies SourceRegistry);

  app.addHook('onClose', () => closeAll([...[...open.values()].map(({ source }) => source), ...lingering]));
}

interface OpeningParts {
  readonly open: ReadonlyMap<string, OpenSource>;
  readonly observer: SourceObserver & RefusalObserver;
  readonly budget: BudgetParts;
}

/** The open source where the declaration is the same, else a new one. */
function openChanged(
  app: FastifyInstance,
  definitions: Definitions,
  { open, observer, budget }: OpeningParts,
): ReadonlyMap<string, OpenSource> {
  const changed = [...definitions.sources].filter(
    ([name, definition]) => open.get(name)?.declared !== declarationOf(definition),
  );
  const { clock, log } = app;
  const opened = openSources({ sources: new Map(changed) }, { clock, log, observer });
  const wanted = new Map<string, OpenSource>();
  for (const [name, definition] of definitions.sources) {
    const source = opened.get(name);
    const kept = open.get(name);
    if (source)
      wanted.set(name, {
        declared: declarationOf(definition),
        source: new BreakerSource(withBudget(source, definition, budget), { clock, log, observer }),
      });
    else if (kept) wanted.set(name, kept);
  }
  return wanted;
}

/** All of a declaration but where it is written. */
function declarationOf({ place: _place, ...definition }: SourceDefinition): string {
  return JSON.stringify(definition, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}

function tellChanges(source: Source, listeners: ReadonlySet<TablesListener>): void {
  source.onTablesChanged((tables) => {
    for (const listener of listeners) listener(source.name, tables);
  });
}

function linger(app: FastifyInstance, source: Source, lingering: Set<Source>): void {
  lingering.add(source);
  app.clock.after(LINGER_MS, () => {
    lingering.delete(source);
    source.close().catch((error: unknown) => app.log.warn({ err: error }, 'A source did not close'));
  });
}

async function closeAll(sources: readonly Source[]): Promise<void> {
  await Promise.allSettled(sources.map((source) => source.close()));
}

export default fp(sources, {
  name: 'sources',
  fastify: '5.x',
  dependencies: ['clock', 'redis', 'statistics'],
});
