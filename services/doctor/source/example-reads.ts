import { DashcacheError } from '../../../errors.js';
import { auditSample } from '../../audit/audit-sample.js';
import type { Dashboard, Definitions, Panel } from '../../definitions/model.js';
import type { PanelRead } from '../../panel-read.js';
import { type Known, known, unknown } from '../facts.js';
import type { Load } from '../statistics/miss-causes.js';

/** A read of a panel with values that somebody has really asked for, or with the defaults. */
export interface ExampleRead {
  readonly panel: Panel;
  readonly dashboard: Dashboard;
  readonly read: Known<{ readonly read: PanelRead; readonly address: string }>;
}

/** One read of every panel: by the newest load of it, else by its defaults; where neither will do it is said why. */
export function exampleReads(
  { dashboards }: Definitions,
  { loads, nowMs }: { readonly loads: readonly Load[]; readonly nowMs: number },
): ExampleRead[] {
  return [...dashboards.values()].flatMap((dashboard) =>
    [...dashboard.panels.values()].map((panel) => {
      const seen = loads.find((load) => load.dashboard === dashboard.id && load.panel === panel.id);
      const texts = seen ? textsOf(seen.params) : new Map<string, string>();
      return { dashboard, panel, read: exampleOf({ dashboard, panel, texts }, nowMs) };
    }),
  );
}

function exampleOf(
  place: { dashboard: Dashboard; panel: Panel; texts: ReadonlyMap<string, string> },
  nowMs: number,
): ExampleRead['read'] {
  const { panel, texts } = place;
  const missing = panel.parameters.filter(
    ({ name, defaultText, optional }) => !texts.has(name) && defaultText === null && !optional,
  );
  const names = missing.map(({ name }) => name).join(', ');
  const whose = `${panel.dashboardId}/${panel.id}`;
  if (names !== '') return unknown(`${whose}: nobody has asked for it yet, and ${names} has no default`);
  try {
    return known(auditSample(place, nowMs));
  } catch (error) {
    if (!(error instanceof DashcacheError)) throw error;
    return unknown(`${whose}: ${error.message}`);
  }
}

/** Parameters as they stand in answers, as a query string would have them; NULL is left out. */
function textsOf(params: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const given = Object.entries(params).filter(([, value]) => value !== null);
  return new Map(given.map(([name, value]) => [name, String(value)]));
}
