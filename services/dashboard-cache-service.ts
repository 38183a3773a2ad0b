import { DashcacheError } from '../errors.js';
import type { Acknowledgement } from './cache/acknowledgement.js';
import type { CacheAnswer } from './cache/answer.js';
import type { Cache } from './cache/cache.js';
import type { InvalidationMode } from './cache/control-slot.js';
import type { Inspection, LoadCause } from './cache/inspection.js';
import type { CacheRequest, LoadedContent } from './cache/request.js';
import type { Clock } from './clock.js';
import { optionsContent, panelContent } from './content/panel-content.js';
import type { Binds, Panel, PanelQuery, ResolvedParameters } from './definitions/model.js';
import type { Tenant } from './definitions/tenant.js';
import type { RefreshNotes } from './events/refresh-notes.js';
import { scopesOfTables } from './invalidation/table-scopes.js';
import { isOptionsPanel } from './options-panel.js';
import {
  bindsOf,
  keyOf,
  movedNames,
  type PanelRead,
  panelRead,
  previousBindsOf,
  renderPanel,
} from './panel-read.js';
import { tagOf, tagsOfOptions, tagsOfPanel } from './panel-tags.js';
import type { QueryLimits, Source, SourceResult } from './sources/source.js';

/** One panel, asked for with the checked parameters of a request. */
export interface PanelRequest {
  readonly panel: Panel;
  /** At least all that the panel binds. */
  readonly parameters: ResolvedParameters;
  readonly tenant: Tenant;
}

/** What routes need of the service. */
export interface DashboardReader {
  /**
   * One panel, or the choices of a parameter as the panel that optionsPanel makes of it: validate -> key -> cache -> source.
   * Rejects with DashcacheError when there is nothing to serve.
   */
  read(request: PanelRequest): Promise<CacheAnswer>;
}

export interface DashboardCacheParts {
  readonly cache: Cache;
  readonly sourceOf: (name: string) => Source | undefined;
  /** The tables that a panel is known to read. */
  readonly tablesOf: (panel: Panel) => readonly string[];
  /** Whether reads of this panel may use the cache at all (CACHE_ENABLED); the switches of the cache come on top. */
  readonly isEnabled: (panel: Panel) => boolean;
  readonly refreshes: RefreshNotes;
  readonly clock: Clock;
}

/** A read as the cache sees it. */
export interface PanelLook {
  readonly read: PanelRead;
  readonly tables: readonly string[];
  readonly request: CacheRequest;
  readonly isEnabled: boolean;
}

/** When a load ends at the latest. */
type Ending = Pick<QueryLimits, 'signal' | 'deadlineAtMs'>;

/** In the order of the panel's queries. */
type Results = ReadonlyMap<PanelQuery, SourceResult>;

/** Serves panels through the cache. The whole story of a read, from the request to the source, is told here. */
export class DashboardCacheService implements DashboardReader {
  readonly #cache: Cache;
  readonly #sourceOf: (name: string) => Source | undefined;
  readonly #tablesOf: (panel: Panel) => readonly string[];
  readonly #isEnabled: (panel: Panel) => boolean;
  readonly #refreshes: RefreshNotes;
  readonly #clock: Clock;

  constructor(parts: DashboardCacheParts) {
    this.#cache = parts.cache;
    this.#sourceOf = parts.sourceOf;
    this.#tablesOf = parts.tablesOf;
    this.#isEnabled = parts.isEnabled;
    this.#refreshes = parts.refreshes;
    this.#clock = parts.clock;
  }

  async read(asked: PanelRequest): Promise<CacheAnswer> {
    const { request } = this.look(asked);
    return this.#isEnabled(asked.panel) ? this.#cache.read(request) : this.#cache.bypass(request);
  }

  /** Sees to it that something fresh is kept, whoever asks; null where the cache is switched off. Rejects as a read does. */
  async warm(asked: PanelRequest): Promise<CacheAnswer | null> {
    const { request, isEnabled } = this.look(asked);
    return isEnabled ? this.#cache.warm(request) : null;
  }

  /** What a read would find; nothing is counted, loaded or moved. */
  inspect({ request }: PanelLook): Promise<Inspection> {
    return this.#cache.inspect(request);
  }

  /** What the cache is asked for by a read of this panel, made as every read makes it. */
  look({ panel, parameters, tenant }: PanelRequest): PanelLook {
    const read = panelRead(panel, parameters, tenant);
    const tables = isOptionsPanel(panel) ? [] : this.#tablesOf(panel);
    const tags = isOptionsPanel(panel) ? tagsOfOptions(panel, tenant) : tagsOfPanel(panel, tables, tenant);
    const request: CacheRequest = {
      key: keyOf(read, tags),
      tags,
      policy: panel.policy,
      load: (signal, cause) => this.#loadNoted(read, { signal, cause }),
      render: (content, generatedAtMs) =>
        isOptionsPanel(panel) ? content : renderPanel(read, content, generatedAtMs),
    };
    const isEnabled = this.#isEnabled(panel) && !tags.some((tag) => this.#cache.switches().get(tag));
    return { read, tables, request, isEnabled };
  }

  /** Gives what these tags name new generations; see Cache.invalidate. */
  invalidate(
    tags: readonly string[],
    how: { mode: InvalidationMode; wait: boolean; cause?: 'request' | 'table' },
  ): Promise<Acknowledgement> {
    return this.#cache.invalidate(tags, how.mode, { cause: how.cause ?? 'request', wait: how.wait });
  }

  /** The data of some tables of a source was replaced: what was read from them is stale, and refreshed as it is asked for. */
  async expireTables(sourceName: string, tables: readonly string[], panels: Iterable<Panel>): Promise<void> {
    const declared = { panels, sourceNames: [sourceName], tablesOf: this.#tablesOf };
    const scopes = scopesOfTables(tables, declared);
    const tags = scopes.map((scope) => tagOf(scope));
    await this.#cache.invalidate(tags, 'expire', { cause: 'table', wait: false });
  }

  /** Loads, and lets the trail know why and how it ended. */
  async #loadNoted(
    read: PanelRead,
    { signal, cause }: { signal: AbortSignal; cause: LoadCause },
  ): Promise<string | LoadedContent> {
    const ending = { signal, deadlineAtMs: this.#clock.monotonicMs() + read.panel.policy.deadlineMs };
    const load: Promise<string | LoadedContent> = isOptionsPanel(read.panel)
      ? this.#loadOptions(read, ending)
      : this.#loadPanel(read, ending);
    // A bypass refreshes nothing.
    return cause === 'bypass' ? load : this.#refreshes.note(read, cause, load);
  }

  async #loadPanel(read: PanelRead, ending: Ending): Promise<LoadedContent> {
    const { panel } = read;
    const results = await this.#runAll(panel.queries, bindsOf(read), { panel, ending });
    const compares = [...panel.values.values()].some((value) => value.compare === 'previous_period');
    const before = compares ? previousBindsOf(read) : null;
    const previous = before && (await this.#runBefore(read, before, { results, ending }));
    const all = [...results.values(), ...(previous?.values() ?? [])];
    return {
      content: panelContent(panel, [...results.values()], previous && [...previous.values()]),
      keep: all.every(({ keep }) => keep !== false),
    };
  }

  /** The results of the period before; a query that binds no period has the same result again. */
  async #runBefore(
    read: PanelRead,
    before: Binds,
    { results, ending }: { results: Results; ending: Ending },
  ): Promise<Results> {
    const { panel } = read;
    const moved = new Set(movedNames(read));
    const periodic = panel.queries.filter(({ statement }) => statement.names.some((name) => moved.has(name)));
    return new Map([...results, ...(await this.#runAll(periodic, before, { panel, ending }))]);
  }

  async #loadOptions({ panel, ...read }: PanelRead, ending: Ending): Promise<string> {
    const results = await this.#runAll(panel.queries, bindsOf({ panel, ...read }), { panel, ending });
    const [result] = results.values();
    if (!result) throw new Error(`${panel.id} has no query`);
    return optionsContent(result);
  }

  /** All queries at once, within the source's own limit; the first failure ends the others. */
  async #runAll(
    queries: readonly PanelQuery[],
    binds: Binds,
    { panel, ending }: { panel: Panel; ending: Ending },
  ): Promise<Results> {
    const source = this.#sourceOf(panel.sourceName);
    if (!source) throw new DashcacheError('source_down', { detail: `The source of ${panel.id} is not open` });
    const failure = new AbortController();
    const limits: QueryLimits = {
      ...ending,
      signal: AbortSignal.any([ending.signal, failure.signal]),
      maxRowsCount: panel.maxRowsCount,
      maxBytes: panel.maxBytes,
    };
    try {
      const run = async (query: PanelQuery) =>
        [query, await source.query(query.statement, binds, limits)] as const;
      return new Map(await Promise.all(queries.map(run)));
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  }
}
