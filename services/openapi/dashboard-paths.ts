import type { Dashboard, Definitions, Panel } from '../definitions/model.js';
import { optionsPanel } from '../options-panel.js';
import type { Components, Operation, Parameter, PathItem, Schema } from './document.js';
import { schemaRef } from './document.js';
import { bodyName, type Columns, dashboardSchema, FAILED_PANEL, panelSchema } from './panel-schema.js';
import { queryParameterComponents, queryParameters } from './query-parameters.js';

type Paths = Readonly<Record<string, PathItem>>;

const WHOLE = '/dashboards/{dashboard}';

/** The addresses of the declared dashboards, each made of the templated one that serves it. */
export function dashboardPaths({ dashboards }: Pick<Definitions, 'dashboards'>, templates: Paths): Paths {
  const paths: Record<string, PathItem> = {};
  for (const dashboard of dashboards.values())
    for (const { template, path, ...about } of addressesOf(dashboard)) {
      const get = templates[template]?.get;
      if (get) paths[path] = { get: concrete(get, dashboard, about) };
    }
  return paths;
}

/** The schemas and parameters that those addresses refer to. */
export function dashboardComponents(
  { dashboards }: Pick<Definitions, 'dashboards'>,
  columns: Columns,
): Required<Pick<Components, 'schemas' | 'parameters'>> {
  const all = [...dashboards.values()];
  const schemas = all.flatMap((dashboard): [string, Schema][] => [
    [bodyName(dashboard.id), dashboardSchema(dashboard)],
    ...[...dashboard.panels.values()].map((panel): [string, Schema] => [
      bodyName(dashboard.id, panel.id),
      panelSchema(panel, columns.get(panel)),
    ]),
  ]);
  return {
    schemas: { ...Object.fromEntries(schemas), FailedPanel: FAILED_PANEL },
    parameters: Object.fromEntries(all.flatMap(queryParameterComponents)),
  };
}

interface Address {
  readonly template: string;
  readonly path: string;
  /** What the operation's id ends in. */
  readonly id: readonly string[];
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Null: as the template says. */
  readonly body: Schema | null;
}

function addressesOf(dashboard: Dashboard): Address[] {
  const { id } = dashboard;
  const panels = [...dashboard.panels.values()];
  const panel = (one: Panel): Address => ({
    template: one.chart ? `${WHOLE}/charts/{chart}` : `${WHOLE}/${one.id}`,
    path: `/dashboards/${id}/${one.id}`,
    id: [id, ...(one.chart ? [one.id.replace('charts/', '')] : [])],
    title: one.title,
    panels: [one],
    body: schemaRef(bodyName(id, one.id)),
  });
  const options = [...dashboard.parameters.keys()].flatMap((name): Address[] => {
    const one = optionsPanel(dashboard, name);
    if (!one) return [];
    const path = `/dashboards/${id}/options/${name}`;
    const title = `choices of ${one.title}`;
    return [{ template: `${WHOLE}/options/{param}`, path, id: [id, name], title, panels: [one], body: null }];
  });
  const body = schemaRef(bodyName(id));
  const whole = { template: WHOLE, path: `/dashboards/${id}`, id: [id], title: 'all panels', panels, body };
  const live = {
    template: `${WHOLE}/live`,
    path: `/dashboards/${id}/live`,
    id: [id],
    title: 'all panels, as they change',
    panels,
    body: null,
  };
  return [whole, live, ...panels.map(panel), ...options];
}

function concrete(
  operation: Operation,
  dashboard: Dashboard,
  { id, title, panels, body }: Omit<Address, 'template' | 'path'>,
): Operation {
  const others = (operation.parameters ?? []).filter((parameter) => !isOfTemplate(parameter));
  const success = operation.responses['200'];
  const content = body && { content: { 'application/json': { schema: body } } };
  return {
    ...operation,
    operationId: [operation.operationId, ...id].join('-'),
    summary: `${dashboard.title}: ${title}`,
    parameters: [...queryParameters(dashboard, panels), ...others],
    responses: { ...operation.responses, ...(success && { '200': { ...success, ...content } }) },
  };
}

function isOfTemplate(parameter: Parameter | object): boolean {
  return 'in' in parameter && parameter.in !== 'header';
}
