import { type BuiltPanel, buildPanel, type PanelContext, type PanelYaml } from './build-panel.js';
import { buildParameters } from './build-parameters.js';
import { buildWarming } from './build-warming.js';
import { checkBinds } from './check-binds.js';
import type { FaultList } from './fault-list.js';
import type { Dashboard } from './model.js';
import { rememberSpot } from './origins.js';
import { readable } from './readable.js';
import type { DashboardYaml } from './schema-dashboard.js';
import type { Shape } from './shape.js';

export type DashboardContext = Pick<PanelContext, 'dashcache' | 'sources' | 'ttls'>;

/** One dashboard file with every default filled in; null when not even its id is known. */
export async function buildDashboard(
  shape: Shape<DashboardYaml>,
  faults: FaultList,
  context: DashboardContext,
): Promise<Dashboard | null> {
  const yaml = shape.value;
  if (!yaml) return null;
  const dashboardId = yaml.id ?? '';
  const parameters = await buildParameters(shape, faults);
  const built = panelYamls(shape).map((panel) =>
    buildPanel(panel, { ...context, dashboardId, shape, faults, parameters }),
  );
  if (!['metrics', 'charts', 'summary'].some((key) => shape.has(key)) || isEmptyCharts(shape, built))
    faults.add(shape.keySpot('id'), 'this dashboard shows nothing', 'give it metrics, charts or a summary');
  checkOptionsSource(shape, faults, context);
  checkBinds(built, { shape, faults, parameters });
  const warming = buildWarming({ shape, dashcache: context.dashcache, parameters, faults });
  if (yaml.id === undefined) return null;

  const tenant = [...parameters.values()].find((parameter) => parameter.tenant);
  const dashboard: Dashboard = {
    id: dashboardId,
    title: yaml.title ?? readable(dashboardId),
    parameters,
    tenantParameter: tenant?.name ?? null,
    tenantProof: yaml.tenant_proof ?? 'required',
    sourceName: sourceNameOf(shape, context),
    panels: new Map(built.map(({ panel }) => [panel.id, panel])),
    warming,
    place: shape.valueSpot('id').place,
  };
  rememberSpot(dashboard, () => shape.valueSpot('id'));
  return dashboard;
}

/** In the order in which a dashboard is read and shown. */
function panelYamls({ value: yaml }: Shape<DashboardYaml>): PanelYaml[] {
  const panels: PanelYaml[] = [];
  if (yaml?.metrics) panels.push({ id: 'metrics', kind: 'metrics', path: ['metrics'], keys: yaml.metrics });
  for (const [name, keys] of Object.entries(yaml?.charts ?? {}))
    if (keys) panels.push({ id: `charts/${name}`, kind: 'chart', path: ['charts', name], keys });
  if (yaml?.summary) panels.push({ id: 'summary', kind: 'summary', path: ['summary'], keys: yaml.summary });
  return panels;
}

function isEmptyCharts(shape: Shape<DashboardYaml>, built: readonly BuiltPanel[]): boolean {
  const hasOnlyCharts = !shape.has('metrics') && !shape.has('summary');
  return (
    hasOnlyCharts &&
    built.length === 0 &&
    shape.value?.charts !== undefined &&
    shape.keys('charts').length === 0
  );
}

function sourceNameOf(shape: Shape<DashboardYaml>, { dashcache }: DashboardContext): string | null {
  return shape.value?.source ?? dashcache.value?.defaults?.source ?? null;
}

function checkOptionsSource(shape: Shape<DashboardYaml>, faults: FaultList, context: DashboardContext): void {
  const sourceName = sourceNameOf(shape, context);
  const isHttp = context.sources.get(sourceName ?? '')?.type === 'http';
  if (!isHttp && (sourceName !== null || shape.has('source'))) return;
  for (const name of shape.keys('params')) {
    if (!shape.has('params', name, 'options')) continue;
    const spot = shape.keySpot('params', name, 'options');
    if (isHttp)
      faults.add(
        spot,
        `options are a query, and the source of this dashboard, "${sourceName}", is an HTTP source`,
        'give the choices of a string as `enum`, or name a database as the source of the dashboard and the HTTP source on its panels',
      );
    else
      faults.add(
        spot,
        'options run on the source of the dashboard, and this one names none',
        'write `source:` on the dashboard',
      );
  }
}
