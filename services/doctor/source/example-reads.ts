import { DashcacheError } from '../../../errors.js';
import { type AuditPlace, auditPlaces, type ValuesOf } from '../../audit/audit-places.js';
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

export interface ExamplesFrom {
  /** The newest first. */
  readonly loads: readonly Load[];
  /** Of queries of options; none where the source does not tell. */
  readonly valuesOf: ValuesOf;
  readonly nowMs: number;
}

/**
 * One read of every panel: by the newest load of it, else by its defaults and the first choice of what has to be given; where
 * none will do it is said why.
 */
export async function exampleReads(definitions: Definitions, from: ExamplesFrom): Promise<ExampleRead[]> {
  const { places } = await auditPlaces(definitions, from.valuesOf);
  return [...definitions.dashboards.values()].flatMap((dashboard) =>
    [...dashboard.panels.values()].map((panel) => {
      const seen = from.loads.find((load) => load.dashboard === dashboard.id && load.panel === panel.id);
      const place = seen
        ? { dashboard, panel, texts: textsOf(seen.params) }
        : places.find((each) => each.panel === panel);
      return { dashboard, panel, read: place ? exampleOf(place, from.nowMs) : nothingKnown(panel) };
    }),
  );
}

function exampleOf(place: AuditPlace, nowMs: number): ExampleRead['read'] {
  try {
    return known(auditSample(place, nowMs));
  } catch (error) {
    if (!(error instanceof DashcacheError)) throw error;
    return unknown(`${place.dashboard.id}/${place.panel.id}: ${error.message}`);
  }
}

function nothingKnown({ dashboardId, id, parameters }: Panel): ExampleRead['read'] {
  const needed = parameters.filter(({ defaultText, optional }) => defaultText === null && !optional);
  const names = needed.map(({ name }) => name).join(', ');
  return unknown(
    `${dashboardId}/${id}: nobody has asked for it yet, and ${names} has neither a default nor options`,
  );
}

/** Parameters as they stand in answers, as a query string would have them; NULL is left out. */
function textsOf(params: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const given = Object.entries(params).filter(([, value]) => value !== null);
  return new Map(given.map(([name, value]) => [name, String(value)]));
}
