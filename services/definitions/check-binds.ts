import type { BuiltPanel } from './build-panel.js';
import { didYouMean, type FaultList } from './fault-list.js';
import type { PanelQuery, Parameter, Statement } from './model.js';
import { spotInStatement } from './origins.js';
import { bindTypes } from './parameter-value.js';
import type { DashboardYaml } from './schema-dashboard.js';
import type { Path, Shape } from './shape.js';
import { placeholderOffsets } from './statement.js';
import { suggest } from './suggest.js';

interface Context {
  readonly shape: Shape<DashboardYaml>;
  readonly faults: FaultList;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** Holds what the queries bind against what the dashboard declares. */
export function checkBinds(built: readonly BuiltPanel[], context: Context): void {
  const { parameters } = context;
  const tenant = [...parameters.values()].find((parameter) => parameter.tenant);
  const meant = new Set<string>();
  for (const { panel, path } of built) {
    for (const query of panel.queries) {
      const at = placeOf(query, path);
      for (const name of checkDeclared(query.statement, context)) meant.add(name);
      checkPathParts(query.statement, context);
      if (tenant) checkTenant(query.statement, { at, tenant }, context);
    }
    checkCompare({ panel, path, complete: built.every(({ complete }) => complete) }, context);
  }
  for (const parameter of parameters.values()) checkOptions(parameter, tenant, context);
  // A query that could not be read may bind anything.
  if (built.length > 0 && built.every(({ complete }) => complete)) checkUnused(built, meant, context);
}

function placeOf({ name, statement }: PanelQuery, path: Path): Path {
  if (statement.request) return [...path, 'path'];
  return name === null ? [...path, 'query'] : [...path, 'queries', name];
}

/** Left out, a value of the query takes its name with it; a segment would leave a hole that means another address. */
function checkPathParts(statement: Statement, { faults, parameters }: Context): void {
  const offsets = placeholderOffsets(statement);
  const bound = statement.request?.path.filter((part) => 'bind' in part) ?? [];
  for (const [index, { bind }] of bound.entries()) {
    const parameter = [...parameters.values()].find((each) => bindTypes(each).has(bind));
    const spot = spotInStatement(statement, offsets[index] ?? 0, bind.length + 1);
    if (parameter?.optional && spot)
      faults.add(
        spot,
        `"${parameter.name}" is optional, and a segment of a path cannot be left out`,
        `give it a default, or send it in the query: ?${bind}=:${bind}`,
      );
  }
}

/** Gives the names that were probably meant by those that are not declared. */
function checkDeclared(statement: Statement, context: Context): Set<string> {
  const { faults, parameters } = context;
  const known = bindable(context);
  const offsets = placeholderOffsets(statement);
  const meant = new Set<string>();
  for (const [index, name] of statement.names.entries()) {
    if (known.has(name) || statement.names.indexOf(name) < index) continue;
    const spot = spotInStatement(statement, offsets[index] ?? 0, name.length + 1);
    if (!spot) continue;
    if (parameters.get(name)?.type === 'period') {
      meant.add(name);
      faults.add(spot, `:${name} is a period, which has two ends`, `bind :${name}_start and :${name}_end`);
      continue;
    }
    const near = suggest(name, known);
    if (near !== null) meant.add(near);
    faults.add(
      spot,
      `:${name} is bound but not declared`,
      didYouMean(near && `:${near}`, `declare "${name}" under params`),
    );
  }
  return meant;
}

/** Names that a query may bind; whatever a parameter with a fault would bind is let pass. */
function bindable({ shape, parameters }: Context): Set<string> {
  const names = new Set([...parameters.values()].flatMap((parameter) => [...bindTypes(parameter).keys()]));
  for (const name of shape.keys('params'))
    if (!parameters.has(name)) for (const end of ['', '_start', '_end']) names.add(`${name}${end}`);
  return names;
}

function checkTenant(
  statement: Statement,
  { at, tenant }: { at: Path; tenant: Parameter },
  { shape, faults }: Context,
): void {
  if (statement.names.includes(tenant.name)) return;
  faults.add(
    shape.keySpot(...at),
    `this ${statement.request ? 'path' : 'query'} does not bind the tenant :${tenant.name}, so it would show every tenant's data`,
    statement.request
      ? `send it as a segment, or in the query: ?${tenant.name}=:${tenant.name}`
      : `add a condition such as ${tenant.name} = :${tenant.name}`,
  );
}

function checkCompare({ panel, path, complete }: BuiltPanel, { shape, faults }: Context): void {
  if (!complete || panel.kind === 'chart' || panel.parameters.some(({ type }) => type === 'period')) return;
  for (const [column, value] of panel.values)
    if (value.compare !== null)
      faults.add(
        shape.keySpot(...path, 'values', column, 'compare'),
        '"compare" needs a period, and this panel binds none',
        'bind a parameter of type period in its query',
      );
}

function checkOptions(parameter: Parameter, tenant: Parameter | undefined, { shape, faults }: Context): void {
  const statement = parameter.options;
  if (!statement) return;
  const offsets = placeholderOffsets(statement);
  const own = parameter === tenant;
  for (const [index, name] of statement.names.entries()) {
    const spot = spotInStatement(statement, offsets[index] ?? 0, name.length + 1);
    if (!spot || (name === tenant?.name && !own)) continue;
    const message = own
      ? 'the options of the tenant are the tenants themselves: they bind nothing'
      : `options are read before anything is chosen: :${name} has no value then`;
    faults.add(spot, message, tenant && !own ? `only the tenant :${tenant.name} can be bound here` : null);
  }
  if (tenant && !own)
    checkTenant(
      statement,
      { at: ['params', parameter.name, 'options'], tenant },
      { shape, faults, parameters: new Map() },
    );
}

function checkUnused(
  built: readonly BuiltPanel[],
  meant: ReadonlySet<string>,
  { shape, faults, parameters }: Context,
): void {
  const bound = new Set(built.flatMap(({ panel }) => panel.parameters));
  for (const parameter of parameters.values())
    if (!bound.has(parameter) && !wasMeant(parameter, meant))
      faults.add(
        shape.keySpot('params', parameter.name),
        `"${parameter.name}" is declared, but no panel binds it`,
        `use ${[...bindTypes(parameter).keys()].map((name) => `:${name}`).join(' and ')} in a query, or leave it out`,
      );
}

/** A slip in the query is one fault, not two. */
function wasMeant(parameter: Parameter, meant: ReadonlySet<string>): boolean {
  return [parameter.name, ...bindTypes(parameter).keys()].some((name) => meant.has(name));
}
