import { DashcacheError } from '../../errors.js';
import { type CheckedStatement, type Source, StatementRejected } from '../sources/source.js';
import { checkOptionsColumns, checkPanelColumns } from './check-columns.js';
import { checkTenantProof } from './check-tenant-proof.js';
import { type DefinitionFault, inOrder } from './definition-faults.js';
import { FaultList } from './fault-list.js';
import type { BindType, Dashboard, Definitions, Panel, Parameter, Place, Statement } from './model.js';
import { spotInStatement, spotOfPart } from './origins.js';
import { bindTypes } from './parameter-value.js';

export interface QueriesChecked {
  /** What the database says of each panel's statements, in the order of Panel.queries; only panels without a fault. */
  readonly checked: ReadonlyMap<Panel, readonly CheckedStatement[]>;
  readonly faults: readonly DefinitionFault[];
  /** Queries of tenants' dashboards that are not seen to read rows of their tenant alone; these run all the same. */
  readonly unproved: readonly DefinitionFault[];
  /** Names of the sources that did not answer: their queries are checked by their first answer. */
  readonly absent: readonly string[];
}

export interface CheckQueriesOptions {
  /**
   * Whether a panel must say `depends_on` or `ttl_only` when nobody can tell which tables its query reads. Default allow: its
   * ttl renews it all the same.
   */
  readonly unknownDependencies?: 'fault' | 'allow';
}

/** Checks at once: enough to be quick, too few to weigh on a database. */
const AT_ONCE_COUNT = 4;

/** Has the sources check every query of every panel, and every query of options, without running one. */
export async function checkQueries(
  definitions: Definitions,
  sources: ReadonlyMap<string, Source>,
  options: CheckQueriesOptions = {},
): Promise<QueriesChecked> {
  const checker = new QueryChecker(sources, definitions.sources);
  const checked = new Map<Panel, readonly CheckedStatement[]>();
  const tasks: (() => Promise<void>)[] = [];
  for (const dashboard of definitions.dashboards.values()) {
    for (const panel of dashboard.panels.values())
      tasks.push(async () => {
        const statements = await checker.checkPanel(panel, { ...options, tenant: dashboard.tenantParameter });
        if (statements) checked.set(panel, statements);
      });
    for (const parameter of dashboard.parameters.values())
      tasks.push(() => checker.checkOptions(parameter, dashboard));
  }
  await inTurns(tasks);
  return {
    checked,
    faults: inOrder(checker.faults.faults),
    unproved: inOrder(checker.unproved.faults),
    absent: [...checker.absent].sort(),
  };
}

interface About {
  readonly sourceName: string;
  readonly parameters: readonly Parameter[];
  readonly place: Place;
  /** The parameter that the query has to restrict by; null: it may read the rows of all. */
  readonly tenant: string | null;
}

class QueryChecker {
  readonly faults = new FaultList();
  readonly unproved = new FaultList();
  readonly absent = new Set<string>();
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #definitions: Definitions['sources'];

  constructor(sources: ReadonlyMap<string, Source>, definitions: Definitions['sources']) {
    this.#sources = sources;
    this.#definitions = definitions;
  }

  /** Null when the panel has a fault or its source is absent. */
  async checkPanel(
    panel: Panel,
    options: CheckQueriesOptions & { readonly tenant: string | null },
  ): Promise<CheckedStatement[] | null> {
    const tenant = panel.tenantProof === 'declared' ? null : options.tenant;
    const statements: CheckedStatement[] = [];
    for (const { statement, place } of panel.queries) {
      const checked = await this.#check(statement, {
        sourceName: panel.sourceName,
        parameters: panel.parameters,
        place,
        tenant,
      });
      if (checked) statements.push(checked);
    }
    if (statements.length < panel.queries.length) return null;
    const before = this.faults.faults.length;
    checkPanelColumns(panel, statements, this.faults);
    if (options.unknownDependencies === 'fault') this.#checkDependencies(panel, statements);
    return this.faults.faults.length === before ? statements : null;
  }

  async checkOptions(parameter: Parameter, dashboard: Dashboard): Promise<void> {
    const { sourceName, tenantParameter, tenantProof } = dashboard;
    if (!parameter.options || sourceName === null) return;
    // The options of the tenant are the tenants themselves.
    const isFree = parameter.tenant || tenantProof === 'declared';
    const checked = await this.#check(parameter.options, {
      sourceName,
      parameters: [...dashboard.parameters.values()],
      place: parameter.place,
      tenant: isFree ? null : tenantParameter,
    });
    if (checked) checkOptionsColumns(parameter, parameter.options, { checked, faults: this.faults });
  }

  async #check(statement: Statement, about: About): Promise<CheckedStatement | null> {
    const source = this.#sources.get(about.sourceName);
    // Once a source is known to be away, its other queries need not wait for it.
    if (!source || this.absent.has(about.sourceName)) {
      this.absent.add(about.sourceName);
      return null;
    }
    try {
      const checked = await source.check(statement, typesOf(statement, about.parameters));
      this.#prove(statement, checked, about);
      return checked;
    } catch (error) {
      if (error instanceof StatementRejected) this.#reject(statement, about.place, error);
      else if (error instanceof DashcacheError) this.absent.add(about.sourceName);
      else throw error;
      return null;
    }
  }

  #prove(statement: Statement, { shape }: CheckedStatement, { sourceName, place, tenant }: About): void {
    const source = this.#definitions.get(sourceName);
    // An endpoint is sent the tenant, and answers for what it gives.
    if (tenant === null || !shape || !source || source.type === 'http') return;
    const { sharedTables } = source;
    checkTenantProof(statement, shape, { tenant, sharedTables, place, faults: this.unproved });
  }

  #reject(statement: Statement, place: Place, { message, offset }: StatementRejected): void {
    const lengthCount = /^[\p{L}\p{N}_:]+/u.exec(statement.text.slice(offset ?? 0))?.[0].length ?? 1;
    const spot = spotInStatement(statement, offset ?? 0, offset === null ? 1 : lengthCount) ?? { place };
    const [first = '', ...more] = message.split(/\r?\n/).filter((line) => line.trim() !== '');
    this.faults.add(spot, `the database does not accept this query: ${first}`, more.join(' ').trim() || null);
  }

  #checkDependencies(panel: Panel, statements: readonly CheckedStatement[]): void {
    if (panel.ttlOnly || panel.dependsOn.length > 0) return;
    // An endpoint has no tables.
    if (this.#sources.get(panel.sourceName)?.kind === 'http') return;
    if (statements.every(({ verdict }) => verdict !== 'unknown')) return;
    this.faults.add(
      spotOfPart(panel) ?? { place: panel.place },
      'nobody can tell which tables this panel reads',
      'name them in `depends_on`, or say `ttl_only: true`',
    );
  }
}

/** The types of the names that a statement binds. */
function typesOf(statement: Statement, parameters: readonly Parameter[]): ReadonlyMap<string, BindType> {
  const types = new Map<string, BindType>();
  for (const parameter of parameters)
    for (const [name, type] of bindTypes(parameter))
      if (statement.names.includes(name)) types.set(name, type);
  return types;
}

async function inTurns(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = tasks[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const task of waiting) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE_COUNT }, worker));
}
