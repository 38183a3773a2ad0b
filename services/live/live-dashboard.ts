import type { Clock } from '../clock.js';
import type { Dashboard, ResolvedParameters } from '../definitions/model.js';
import type { Tenant } from '../definitions/tenant.js';
import type { Log } from '../log.js';
import { LivePanel, type LiveReads } from './live-panel.js';

/** What a live reader looks at. */
export interface LiveQuestion {
  readonly dashboard: Dashboard;
  readonly parameters: ResolvedParameters;
  readonly tenant: Tenant;
}

/** Who is told of news of a panel, by its place among them. */
export interface LiveListener {
  tell(panelIndex: number, news: 'panel' | 'freshness'): void;
}

/** The panels of one question, which all who ask it look at together. */
export class LiveDashboard {
  readonly panels: readonly LivePanel[];
  readonly #listeners = new Set<LiveListener>();

  constructor(
    { dashboard, parameters, tenant }: LiveQuestion,
    parts: { reads: LiveReads; clock: Clock; log: Log },
  ) {
    this.panels = [...dashboard.panels.values()].map(
      (panel, index) =>
        new LivePanel({
          ...parts,
          asked: { panel, parameters, tenant },
          changed: (news) => {
            for (const listener of this.#listeners) listener.tell(index, news);
          },
        }),
    );
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  join(listener: LiveListener): void {
    this.#listeners.add(listener);
  }

  leave(listener: LiveListener): void {
    this.#listeners.delete(listener);
  }

  end(): void {
    for (const panel of this.panels) panel.end();
  }
}

/** The same for everybody who may see the same: the tenant is among it. */
export function questionKey({ dashboard, parameters, tenant }: LiveQuestion): string {
  const canonical = [...parameters].map(([name, { json }]) => [name, json]);
  return JSON.stringify([dashboard.id, tenant.text, canonical]);
}
