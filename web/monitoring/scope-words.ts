import type { Catalogue, Invalidated, Switched } from './answers.js';
import { counted } from './format.js';

/** What an action is about: everything, a dashboard, or a panel of it. */
export interface Place {
  readonly dashboard: string | null;
  readonly panel: string | null;
}

export type Dashboards = readonly {
  readonly dashboard: string;
  readonly panels: readonly { readonly panel: string }[];
}[];

/** "All 9 panels of operations". */
export function placeInWords({ dashboard, panel }: Place, dashboards: Dashboards): string {
  if (dashboard === null) {
    const sum = dashboards.reduce((panels, one) => panels + one.panels.length, 0);
    return `All ${counted(sum, 'panel')} of ${dashboards.length === 1 ? 'the one dashboard' : `all ${dashboards.length} dashboards`}`;
  }
  if (panel !== null) return `The panel ${panel} of ${dashboard}`;
  const found = dashboards.find((one) => one.dashboard === dashboard);
  return `All ${counted(found?.panels.length ?? 0, 'panel')} of ${dashboard}`;
}

/** " for site 7", by the name of the parameter that says whose data is wanted. */
export function tenantInWords(tenant: string, dashboard: string | null, catalogue: Catalogue | null): string {
  if (tenant === '') return '';
  const parameter = catalogue?.dashboards.find(({ id }) => id === dashboard)?.tenant;
  return ` for ${parameter?.replace(/_id$/, '').replaceAll('_', ' ') ?? 'tenant'} ${tenant}`;
}

/** How far an answered change reached. */
export function reachInWords({ reach, processes, confirmed }: Invalidated | Switched): string {
  const where = {
    replicated: 'A replica of Redis has it too.',
    primary: 'Redis has it.',
    memory: 'There is no Redis, so it lasts until this process ends.',
  }[reach];
  const others =
    confirmed < processes
      ? ' It holds in the others too: they have lost the leave to serve from memory.'
      : '';
  return `Confirmed by ${confirmed} of ${counted(processes, 'process', 'processes')}. ${where}${others}`;
}
