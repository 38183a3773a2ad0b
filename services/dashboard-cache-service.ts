import { DashcacheError } from '../errors.js';
import type { Acknowledgement } from './cache/acknowledgement.js';
import type { CacheAnswer } from './cache/answer.js';
import type { Cache } from './cache/cache.js';
import type { InvalidationMode } from './cache/control-slot.js';
import type { Inspection, LoadCause, Outlook } from './cache/inspection.js';
import type { Admitted, CacheRequest, LoadedContent } from './cache/request.js';
import type { Watch, WatchListener } from './cache/watches.js';
import type { Clock } from './clock.js';
import { optionsContent, panelContent } from './content/panel-content.js';
import type { Binds, Panel, PanelQuery, ResolvedParameters } from './definitions/model.js';
import type { Tenant } from './definitions/tenant.js';
import type { RefreshNotes } from './events/refresh-notes.js';
import { scopesOfStrictPanels, scopesOfTables } from './invalidation/table-scopes.js';
import { isOptionsPanel } from './options-panel.js';
import {
  bindsOf,
  comparisonOf,
  keyOf,
  type PanelRead,
  panelRead,
  renderPanel,
  spelledBytesOf,
} from './panel-read.js';
import { tagOf, tagsOfOptions, tagsOfPanel } from './panel-tags.js';
import type { LoadShedder } from './pressure/load-shedder.js';
import { turnOfLoad, turnOfRefresh, turnWithTicket } from './query-turns.js';
import { type ReadyRead, ReadyReads } from './ready-reads.js';
import type { QueryTurn } from './sources/query-turn.js';
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
  /** The same where nothing has to be waited for: what is fresh in memory; null where it takes a read. */
  readNow(request: PanelRequest): CacheAnswer | null;
  /** The same for who wants nothing that was read before he asked: waits for a load of now, and rejects with its error whatever is kept. */
  reload(request: PanelRequest): Promise<CacheAnswer>;
}

export interface DashboardCacheParts {
  readonly cache: Cache;
  readonly sourceOf: (name: string) => Source | undefined;
  /** The tables that a panel is known to read. */
  readonly tablesOf: (panel: Panel) => readonly string[];
  /** Whether reads of this panel may use the cache at all (CACHE_ENABLED); the switches of the cache come on top. */
  readonly isEnabled: (panel: Panel) => boolean;
  /** Until when (wall clock) every change of these tables of a source is known; Infinity: until now, -Infinity: nobody tells of them. */
  readonly toldToMs: (sourceName: string, tables: readonly string[]) => number;
  /** Whether the definitions in force still have the panel as it is. */
  readonly isDeclared: (panel: Panel) => boolean;
  readonly refreshes: RefreshNotes;
  readonly shedder: LoadShedder;
  readonly clock: Clock;
}

/** A read as the cache sees it. */
export interface PanelLook extends Pick<ReadyRead, 'read' | 'tables'> {
  readonly request: CacheRequest;
  readonly isEnabled: boolean;
}

const NO_TABLES: readonly string[] = [];

/** How the queries of one load are asked, and when it ends at the latest. */
interface Asking extends Pick<QueryLimits, 'signal' | 'deadlineAtMs'> {
  readonly turn: QueryTurn;
}

/** In the order of the panel's queries. */
type Results = ReadonlyMap<PanelQuery, SourceResult>;

/** Serves panels through the cache. The whole story of a read, from the request to the source, is told here. */
export class DashboardCacheService implements DashboardReader {
  readonly #cache: Cache;
  readonly #sourceOf: (name: string) => Source | undefined;
  readonly #tablesOf: (panel: Panel) => readonly string[];
  readonly #isEnabled: (panel: Panel) => boolean;
  readonly #toldToMs: DashboardCacheParts['toldToMs'];
  readonly #isDeclared: DashboardCacheParts['isDeclared'];
  readonly #refreshes: RefreshNotes;
  readonly #shedder: LoadShedder;
  readonly #clock: Clock;
  readonly #readyReads = new ReadyReads();

  constructor(parts: DashboardCacheParts) {
    this.#cache = parts.cache;
    this.#sourceOf = parts.sourceOf;
    this.#tablesOf = parts.tablesOf;
    this.#isEnabled = parts.isEnabled;
    this.#toldToMs = parts.toldToMs;
    this.#isDeclared = parts.isDeclared;
    this.#refreshes = parts.refreshes;
    this.#shedder = parts.shedder;
    this.#clock = parts.clock;
  }

  async read(asked: PanelRequest): Promise<CacheAnswer> {
    const request = this.requestOf(asked);
    return this.#isEnabled(asked.panel) ? this.#cache.read(request) : this.#cache.bypass(request);
  }

  readNow(asked: PanelRequest): CacheAnswer | null {
    return this.#isEnabled(asked.panel) ? this.#cache.fresh.read(this.requestOf(asked)) : null;
  }

  async reload(asked: PanelRequest): Promise<CacheAnswer> {
    const request = this.requestOf(asked);
    return this.#isEnabled(asked.panel) ? this.#cache.reload(request) : this.#cache.bypass(request);
  }

  /** A read beside the cache, whether or not that is switched off: nothing is looked up or kept. Rejects as a read does. */
  bypass(asked: PanelRequest): Promise<CacheAnswer> {
    return this.#cache.bypass(this.requestOf(asked));
  }

  /** Sees to it that something fresh is kept, whoever asks; null where the cache is switched off. Rejects as a read does. */
  async warm(asked: PanelRequest): Promise<CacheAnswer | null> {
    const { request, isEnabled } = this.look(asked);
    return isEnabled ? this.#cache.warm(request) : null;
  }

  /** Tells of whatever may make another read of it find something else. */
  watch({ request }: PanelLook, listener: WatchListener): Watch {
    return this.#cache.watches.watch(request, listener);
  }

  /** What a read would find; nothing is counted, loaded or moved. */
  inspect({ request }: PanelLook): Promise<Inspection> {
    return this.#cache.inspect(request);
  }

  /** What is being done to renew it. */
  outlook({ request }: PanelLook): Outlook {
    return this.#cache.outlook(request);
  }

  /** What the cache is asked for by a read of this panel, made as every read makes it. */
  look(asked: PanelRequest): PanelLook {
    const ready = this.#readyOf(asked);
    const { tags } = ready.plain;
    const switches = this.#cache.switches();
    const isEnabled = this.#isEnabled(asked.panel) && !tags.some((tag) => switches.get(tag));
    return { read: ready.read, tables: ready.tables, request: this.#limitedAsOfNow(ready), isEnabled };
  }

  /** The same for who asks no more than the cache. */
  requestOf(asked: PanelRequest): CacheRequest {
    return this.#limitedAsOfNow(this.#readyOf(asked));
  }

  #limitedAsOfNow({ read, plain, limited }: ReadyRead): CacheRequest {
    const hasBudget = this.#sourceOf(read.panel.sourceName)?.budget !== undefined;
    return hasBudget || !this.#shedder.hasRoom ? limited : plain;
  }

  #readyOf(asked: PanelRequest): ReadyRead {
    const { panel } = asked;
    const tables = isOptionsPanel(panel) ? NO_TABLES : this.#tablesOf(panel);
    return this.#readyReads.of(asked, tables, () => this.#makeReady(asked, tables));
  }

  #makeReady({ panel, parameters, tenant }: PanelRequest, tables: readonly string[]): ReadyRead {
    const read = panelRead(panel, parameters, tenant);
    const tags = isOptionsPanel(panel) ? tagsOfOptions(panel, tenant) : tagsOfPanel(panel, tables, tenant);
    const plain: CacheRequest = {
      key: keyOf(read, tags),
      tags,
      policy: panel.policy,
      extraBytes: spelledBytesOf(read),
      ...(!panel.ttlOnly && { toldToMs: () => this.#toldToMs(panel.sourceName, tables) }),
      isWanted: () => this.#isDeclared(panel),
      load: (signal, cause) => {
        const turn = turnOfLoad({ panel, tenant, cause });
        return this.#loadNoted(read, { signal, cause, turn });
      },
      render: (content, generatedAtMs) =>
        isOptionsPanel(panel) ? content : renderPanel(read, content, generatedAtMs),
    };
    const limited: CacheRequest = {
      ...plain,
      admit: ({ settles }) => this.#admit(read, { request: plain, settles }),
    };
    return { read, tables, plain, limited };
  }

  /** Gives what these tags name new generations; see Cache.invalidate. */
  invalidate(
    tags: readonly string[],
    how: { mode: InvalidationMode; wait: boolean; cause?: 'request' | 'table'; callId?: string },
  ): Promise<Acknowledgement> {
    const { mode, ...asked } = how;
    return this.#cache.invalidate(tags, mode, asked);
  }

  /**
   * The data of some tables of a source was replaced: what was read from them is stale, and refreshed while it is asked for. Of panels
   * whose max_staleness is nothing it is gone.
   */
  async expireTables(sourceName: string, tables: readonly string[], panels: Iterable<Panel>): Promise<void> {
    const declared = { panels: [...panels], sourceNames: [sourceName], tablesOf: this.#tablesOf };
    const strict = scopesOfStrictPanels(tables, declared).map((scope) => tagOf(scope));
    const tags = scopesOfTables(tables, declared).map((scope) => tagOf(scope));
    // Both at once, so that the one that fails does not keep the other from being made.
    await Promise.all([
      this.#cache.invalidate(strict, 'purge', { cause: 'table', wait: false }),
      this.#cache.invalidate(tags, 'expire', { cause: 'table', wait: false }),
    ]);
  }

  /** Leave for a load, and where there is a budget for one query of it, before the refresh begins: what changes while it waits is known to be in what it loads. */
  async #admit(
    read: PanelRead,
    { request, settles }: { request: CacheRequest; settles: boolean },
  ): Promise<Admitted | null> {
    if (!this.#shedder.hasRoom) return null;
    const budget = this.#sourceOf(read.panel.sourceName)?.budget;
    if (!budget) return { request, end: () => {} };
    const turn = turnOfRefresh({ tenant: read.tenant, settles });
    const ticket = await budget.reserve(turn);
    if (!ticket) return null;
    const asked = turnWithTicket(read.panel, turn, ticket);
    return {
      request: { ...request, load: (signal, cause) => this.#loadNoted(read, { signal, cause, turn: asked }) },
      end: () => ticket.giveBack(),
    };
  }

  /** Loads, and lets the trail know why and how it ended. */
  async #loadNoted(
    read: PanelRead,
    { cause, ...asked }: Asking & { cause: LoadCause },
  ): Promise<string | LoadedContent> {
    const asking = { ...asked, deadlineAtMs: this.#clock.monotonicMs() + read.panel.policy.deadlineMs };
    const load = this.#shedder.run<string | LoadedContent>(() =>
      isOptionsPanel(read.panel) ? this.#loadOptions(read, asking) : this.#loadPanel(read, asking),
    );
    // A bypass refreshes nothing.
    return cause === 'bypass' ? load : this.#refreshes.note(read, cause, load);
  }

  async #loadPanel(read: PanelRead, asking: Asking): Promise<LoadedContent> {
    const { panel } = read;
    const results = await this.#runAll(panel.queries, bindsOf(read), { panel, ...asking });
    const comparison = comparisonOf(read);
    const before =
      comparison && (await this.#runAll(comparison.queries, comparison.binds, { panel, ...asking }));
    const previous = before && new Map([...results, ...before]);
    const all = [...results.values(), ...(previous?.values() ?? [])];
    return {
      content: panelContent(panel, [...results.values()], previous && [...previous.values()]),
      keep: all.every(({ keep }) => keep !== false),
    };
  }

  async #loadOptions({ panel, ...read }: PanelRead, asking: Asking): Promise<string> {
    const results = await this.#runAll(panel.queries, bindsOf({ panel, ...read }), { panel, ...asking });
    const [result] = results.values();
    if (!result) throw new Error(`${panel.id} has no query`);
    return optionsContent(result);
  }

  /** All queries at once, within the source's own limit; the first failure ends the others. */
  async #runAll(
    queries: readonly PanelQuery[],
    binds: Binds,
    { panel, ...asking }: Asking & { panel: Panel },
  ): Promise<Results> {
    const source = this.#sourceOf(panel.sourceName);
    if (!source) throw new DashcacheError('source_down', { detail: `The source of ${panel.id} is not open` });
    const failure = new AbortController();
    const limits: QueryLimits = {
      ...asking,
      signal: AbortSignal.any([asking.signal, failure.signal]),
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
