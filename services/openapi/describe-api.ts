import type { Definitions } from '../definitions/model.js';
import { HEADERS } from './answer-headers.js';
import { completeOperation, headOperation } from './complete-operation.js';
import { dashboardComponents, dashboardPaths } from './dashboard-paths.js';
import {
  type CollectedDocument,
  type CollectedOperation,
  METHODS,
  type OpenapiDocument,
  type PathItem,
  ref,
  type Schema,
} from './document.js';
import type { Columns } from './panel-schema.js';
import { PROBLEM, problemExamples } from './problem.js';
import { problemResponses } from './problem-responses.js';
import { referencedComponents } from './referenced-components.js';
import { sampleOf } from './sample.js';
import { DECLARED_PARAMETERS, REQUEST_HEADERS } from './shared-parameters.js';

type Schemas = Readonly<Record<string, Schema>>;

/** The whole description of the service: of its routes as they were collected, and of every declared dashboard. */
export function describeApi(
  collected: CollectedDocument,
  declared: { definitions: Pick<Definitions, 'dashboards'>; columns: Columns },
): OpenapiDocument {
  const ofDashboards = dashboardComponents(declared.definitions, declared.columns);
  const schemas = { ...collected.components.schemas, ...ofDashboards.schemas, Problem: PROBLEM };
  const templates = mapped(collected.paths, (item, path) => completeItem(item, path, schemas));
  const concrete = dashboardPaths(declared.definitions, templates);
  const described = {
    ...mapped(templates, withDeclaredParameters),
    ...mapped(concrete, (item) => withSamples(item, schemas)),
  };
  const paths = mapped(described, (item, path) =>
    // Routes declare their HEAD themselves; those of a dashboard are its templates'.
    collected.paths[path]?.head || concrete[path] ? withHead(item) : item,
  );
  const components = {
    ...collected.components,
    schemas,
    responses: problemResponses(),
    parameters: { ...REQUEST_HEADERS, ...DECLARED_PARAMETERS, ...ofDashboards.parameters },
    headers: HEADERS,
    examples: problemExamples(),
  };
  return { ...collected, paths, components: referencedComponents(paths, components) };
}

/** Every method but HEAD, which follows GET. */
function completeItem(item: PathItem<CollectedOperation>, path: string, schemas: Schemas): PathItem {
  const operations = METHODS.flatMap((method) => {
    const collected = item[method];
    if (!collected || method === 'head') return [];
    return [[method, completeOperation(collected, { path, method, schemas })] as const];
  });
  return Object.fromEntries(operations);
}

/** A templated address takes what its dashboard declares. */
function withDeclaredParameters(item: PathItem, path: string): PathItem {
  if (!item.get || !path.startsWith('/dashboards/{')) return item;
  const parameters = [...(item.get.parameters ?? []), ref('parameters', 'DeclaredParameters')];
  return { ...item, get: { ...item.get, parameters } };
}

function withHead(item: PathItem): PathItem {
  return item.get ? { ...item, head: headOperation(item.get) } : item;
}

/** The example of a dashboard's body, which is made of its columns. */
function withSamples(item: PathItem, schemas: Schemas): PathItem {
  const { get } = item;
  const success = get?.responses['200'];
  if (!get || !success || '$ref' in success) return item;
  const content = mapped(success.content ?? {}, (media) => ({
    schema: media.schema,
    example: sampleOf(media.schema, schemas),
  }));
  return { ...item, get: { ...get, responses: { ...get.responses, '200': { ...success, content } } } };
}

function mapped<From, To>(
  named: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value, name)]));
}
