import { DashcacheError } from '../errors.js';
import type { CacheAnswer } from './cache/answer.js';
import type { Cache } from './cache/cache.js';
import type { CacheRequest, LoadedContent } from './cache/request.js';
import { optionsContent, panelContent } from './content/panel-content.js';
import type { Binds, Panel, PanelQuery, ResolvedParameters } from './definitions/model.js';
import type { Tenant } from './definitions/tenant.js';
import {
  bindsOf,
  keyOf,
  movedNames,
  type PanelRead,
  panelRead,
  previousBindsOf,
  renderPanel,
} from './panel-read.js';
import { namesTables, type Scope, tableScopes, tagOf, tagsOfOptions, tagsOfPanel } from './panel-tags.js';
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
  /** One panel: validate -> key -> cache -> source. Rejects with DashcacheError when there is nothing to serve. */
  read(request: PanelRequest): Promise<CacheAnswer>;
  /** The choices of a parameter, asked for as the panel that optionsPanel makes of it: the bytes of {"options":[...]}. */
  options(request: PanelRequest): Promise<CacheAnswer>;
}

export interface DashboardCacheParts {
  readonly cache: Cache;
  readonly sourceOf: (name: string) => Source | undefined;
  /** The tables that a panel is known to read. */
  readonly tablesOf: (panel: Panel) => readonly string[];
  /** Whether reads of this panel use the cache now. */
  readonly isEnabled: (panel: Panel) => boolean;
}

/** In the order of the panel's queries. */
type Results = ReadonlyMap<PanelQuery, SourceResult>;

/** Serves panels through the cache. The whole story of a read, from the request to the source, is told here. */
export class DashboardCacheService implements DashboardReader {
  readonly #cache: Cache;
  readonly #sourceOf: (name: string) => Source | undefined;
  readonly #tablesOf: (panel: Panel) => readonly string[];
  readonly #isEnabled: (panel: Panel) => boolean;

  constructor(parts: DashboardCacheParts) {
    this.#cache = parts.cache;
    this.#sourceOf = parts.sourceOf;
    this.#tablesOf = parts.tablesOf;
    this.#isEnabled = parts.isEnabled;
  }

  async read({ panel, parameters, tenant }: PanelRequest): Promise<CacheAnswer> {
    const read = panelRead(panel, parameters, tenant);
    const tags = tagsOfPanel(panel, this.#tablesOf(panel), tenant);
    return this.#ask(read, {
      key: keyOf(read, tags),
      tags,
      policy: panel.policy,
      load: (signal) => this.#loadPanel(read, signal),
      render: (content, generatedAtMs) => renderPanel(read, content, generatedAtMs),
    });
  }

  async options({ panel, parameters, tenant }: PanelRequest): Promise<CacheAnswer> {
    const read = panelRead(panel, parameters, tenant);
    const tags = tagsOfOptions(panel, tenant);
    return this.#ask(read, {
      key: keyOf(read, tags),
      tags,
      policy: panel.policy,
      load: (signal) => this.#loadOptions(read, signal),
      render: (content) => content,
    });
  }

  /** The data of some tables of a source was replaced: what was read from them is stale, and refreshed as it is asked for. */
  async expireTables(sourceName: string, tables: readonly string[], panels: Iterable<Panel>): Promise<void> {
    const scopes: Scope[] = [...tableScopes(tables), { kind: 'options', name: sourceName }];
    // A panel of very many tables carries its source instead of them.
    const isHidden = [...panels].some(
      (panel) => panel.sourceName === sourceName && !namesTables(panel, this.#tablesOf(panel)),
    );
    if (isHidden) scopes.push({ kind: 'source', name: sourceName });
    await this.#cache.invalidate(
      scopes.map((scope) => tagOf(scope)),
      'expire',
    );
  }

  #ask({ panel }: PanelRead, request: CacheRequest): Promise<CacheAnswer> {
    return this.#isEnabled(panel) ? this.#cache.read(request) : this.#cache.bypass(request);
  }

  async #loadPanel(read: PanelRead, signal: AbortSignal): Promise<LoadedContent> {
    const { panel } = read;
    const results = await this.#runAll(panel.queries, bindsOf(read), { panel, signal });
    const compares = [...panel.values.values()].some((value) => value.compare === 'previous_period');
    const before = compares ? previousBindsOf(read) : null;
    const previous = before && (await this.#runBefore(read, before, { results, signal }));
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
    { results, signal }: { results: Results; signal: AbortSignal },
  ): Promise<Results> {
    const { panel } = read;
    const moved = new Set(movedNames(read));
    const periodic = panel.queries.filter(({ statement }) => statement.names.some((name) => moved.has(name)));
    return new Map([...results, ...(await this.#runAll(periodic, before, { panel, signal }))]);
  }

  async #loadOptions({ panel, ...read }: PanelRead, signal: AbortSignal): Promise<string> {
    const results = await this.#runAll(panel.queries, bindsOf({ panel, ...read }), { panel, signal });
    const [result] = results.values();
    if (!result) throw new Error(`${panel.id} has no query`);
    return optionsContent(result);
  }

  /** All queries at once, within the source's own limit; the first failure ends the others. */
  async #runAll(
    queries: readonly PanelQuery[],
    binds: Binds,
    { panel, signal }: { panel: Panel; signal: AbortSignal },
  ): Promise<Results> {
    const source = this.#sourceOf(panel.sourceName);
    if (!source) throw new DashcacheError('source_down', { detail: `The source of ${panel.id} is not open` });
    const failure = new AbortController();
    const limits: QueryLimits = {
      signal: AbortSignal.any([signal, failure.signal]),
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
