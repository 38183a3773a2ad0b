import { DashcacheError } from '../../errors.js';
import { panelContent } from '../content/panel-content.js';
import type { Binds, Panel, PanelQuery } from '../definitions/model.js';
import { noTenant, type Tenant } from '../definitions/tenant.js';
import { bindsOf, comparisonOf, type PanelRead } from '../panel-read.js';
import { turnOfLoad } from '../query-turns.js';
import type { Source, SourceResult } from '../sources/source.js';

type Results = ReadonlyMap<PanelQuery, SourceResult>;

interface Questions {
  readonly queries: readonly PanelQuery[];
  readonly binds: Binds;
  /** As a load has it, so that a database that holds tenants apart by itself tells the same. */
  readonly tenant: Tenant;
}

/**
 * What the sources themselves say: a way to the truth that shares with the service neither its cache nor its reading of it,
 * only the meaning of a panel. One query at a time.
 */
export class SourceTruth {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #signal: AbortSignal;

  constructor(options: { sources: ReadonlyMap<string, Source>; signal: AbortSignal }) {
    this.#sources = options.sources;
    this.#signal = options.signal;
  }

  /** The content that a load would have now. Rejects with DashcacheError where the source does not give it. */
  async contentOf(read: PanelRead): Promise<string> {
    const { panel, tenant } = read;
    const results = await this.#run(panel, { queries: panel.queries, binds: bindsOf(read), tenant });
    const comparison = comparisonOf(read);
    if (comparison === null) return panelContent(panel, [...results.values()], null);
    const before = await this.#run(panel, { ...comparison, tenant });
    const previous = new Map([...results, ...before]);
    return panelContent(panel, [...results.values()], [...previous.values()]);
  }

  /** The first column of the one query of a panel of options. */
  async valuesOf(panel: Panel): Promise<string[]> {
    const [result] = (
      await this.#run(panel, { queries: panel.queries, binds: new Map(), tenant: noTenant })
    ).values();
    const values = result?.rows.map(([value = null]) => value) ?? [];
    return values.filter((value) => value !== null).map(String);
  }

  async #run(panel: Panel, { queries, binds, tenant }: Questions): Promise<Results> {
    const source = this.#sources.get(panel.sourceName);
    if (!source) throw new DashcacheError('source_down', { detail: `The source of ${panel.id} is not open` });
    const results = new Map<PanelQuery, SourceResult>();
    for (const query of queries) {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(panel.policy.deadlineMs)]);
      const turn = turnOfLoad({ panel, tenant, cause: 'bypass' });
      const limits = { signal, turn, maxRowsCount: panel.maxRowsCount, maxBytes: panel.maxBytes };
      results.set(query, await source.query(query.statement, binds, limits));
    }
    return results;
  }
}
