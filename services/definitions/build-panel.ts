import { definitionHash } from './definition-hash.js';
import { didYouMean, type FaultList } from './fault-list.js';
import type { Panel, PanelKind, Parameter, ValueDefinition } from './model.js';
import { rememberSpot } from './origins.js';
import { type PolicyLayer, panelPolicy, type Ttls } from './panel-policy.js';
import { panelQueries } from './panel-queries.js';
import { bindTypes } from './parameter-value.js';
import { readable } from './readable.js';
import type { ChartYaml, DashboardYaml, RowPanelYaml, ValueYaml } from './schema-dashboard.js';
import type { DashcacheYaml } from './schema-dashcache.js';
import type { Partly, Path, Shape } from './shape.js';
import type { SourceDefinition } from './source-definitions.js';
import { suggest } from './suggest.js';

/** All that a panel is built from beside its own keys. */
export interface PanelContext {
  readonly dashboardId: string;
  readonly shape: Shape<DashboardYaml>;
  readonly faults: FaultList;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly dashcache: Shape<DashcacheYaml>;
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  readonly ttls: Ttls;
}

export interface PanelYaml {
  readonly id: string;
  readonly kind: PanelKind;
  readonly path: Path;
  readonly keys: Partly<RowPanelYaml> & Pick<Partly<ChartYaml>, 'type' | 'labels'>;
}

export interface BuiltPanel {
  readonly panel: Panel;
  readonly path: Path;
  /** Whether all that it asks could be read: otherwise nobody knows what it binds. */
  readonly complete: boolean;
}

/** One panel with every default filled in; as far as it goes when parts of it are at fault. */
export function buildPanel(yaml: PanelYaml, context: PanelContext): BuiltPanel {
  const { shape, faults, parameters } = context;
  const { id, kind, path, keys } = yaml;
  const layers = layersOf(yaml, context);
  const source = sourceOf(layers, yaml, context);
  const { queries, complete } = panelQueries(yaml, source, context);
  const names = new Set(queries.flatMap(({ statement }) => statement.names));
  const plain = {
    dashboardId: context.dashboardId,
    id,
    kind,
    title: keys.title ?? readable(id.replace(/^charts\//, '')),
    sourceName: source?.name ?? '',
    queries,
    chart: kind === 'chart' ? { type: keys.type ?? 'table', labels: keys.labels ?? '' } : null,
    values: buildValues(yaml, context),
    tenantProof: keys.tenant_proof ?? shape.value?.tenant_proof ?? 'required',
    ...panelPolicy(layers, { kind, ttls: context.ttls, faults }),
    parameters: [...parameters.values()].filter((parameter) =>
      [...bindTypes(parameter).keys()].some((name) => names.has(name)),
    ),
    place: shape.keySpot(...path).place,
  };
  const panel: Panel = { ...plain, definitionHash: definitionHash(plain, source) };
  rememberSpot(panel, () => shape.keySpot(...path));
  if (panel.chart) rememberSpot(panel.chart, () => shape.valueSpot(...path, 'labels'));
  return { panel, path, complete };
}

function layersOf({ path, keys }: PanelYaml, { shape, dashcache }: PanelContext): PolicyLayer[] {
  return [
    { origin: 'panel', shape, path, keys },
    { origin: 'dashboard', shape, path: [], keys: shape.value ?? {} },
    { origin: 'dashcache.yaml', shape: dashcache, path: ['defaults'], keys: dashcache.value?.defaults ?? {} },
  ];
}

function sourceOf(
  layers: readonly PolicyLayer[],
  { path }: PanelYaml,
  { shape, faults, dashcache, sources }: PanelContext,
): SourceDefinition | undefined {
  const layer = layers.find((each) => each.keys.source !== undefined);
  const name = layer?.keys.source;
  if (!layer || name === undefined) {
    // One that is written but wrong has its fault already.
    if (!layers.some((each) => each.shape.has(...each.path, 'source')))
      faults.add(
        shape.keySpot(...path),
        `"${String(path.at(-1))}" has no source`,
        `write \`source: ${[...sources.keys()][0] ?? 'name'}\` on the panel or on the dashboard`,
      );
    return undefined;
  }
  const known = dashcache.keys('sources');
  // When dashcache.yaml itself cannot be read, nobody knows which sources there are.
  if (dashcache.value?.sources && !known.includes(name))
    faults.add(
      layer.shape.valueSpot(...layer.path, 'source'),
      `there is no source "${name}"`,
      didYouMean(
        suggest(name, known),
        known.length > 0 ? `dashcache.yaml names ${known.join(', ')}` : 'name it in dashcache.yaml',
      ),
    );
  return sources.get(name);
}

function buildValues(
  { keys, path, kind }: PanelYaml,
  { shape, faults }: PanelContext,
): ReadonlyMap<string, ValueDefinition> {
  const values = new Map<string, ValueDefinition>();
  for (const [column, yaml] of Object.entries(keys.values ?? {})) {
    const value = buildValue(column, yaml ?? {});
    if (value.compare !== null && kind === 'chart')
      faults.add(
        shape.keySpot(...path, 'values', column, 'compare'),
        'a chart is not compared: "compare" is for metrics and summary',
      );
    rememberSpot(value, () => shape.keySpot(...path, 'values', column));
    values.set(column, value);
  }
  return values;
}

function buildValue(column: string, yaml: Partly<ValueYaml>): ValueDefinition {
  return {
    title: yaml.title ?? readable(column),
    format: yaml.format ?? null,
    unit: yaml.unit ?? null,
    digits: yaml.digits ?? null,
    better: yaml.better ?? null,
    exact: yaml.exact ?? false,
    compare: yaml.compare ?? null,
  };
}
