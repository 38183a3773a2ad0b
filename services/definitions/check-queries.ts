import { DashcacheError } from '../../errors.js';
import { type CheckedStatement, type Source, StatementRejected } from '../sources/source.js';
import { checkOptionsColumns, checkPanelColumns } from './check-columns.js';
import { type DefinitionFault, inOrder } from './definition-faults.js';
import { FaultList } from './fault-list.js';
import type { BindType, Definitions, Panel, Parameter, Place, Statement } from './model.js';
import { spotInStatement, spotOfPart } from './origins.js';
import { bindTypes } from './parameter-value.js';

export interface QueriesChecked {
  /** What the database says of each panel's statements, in the order of Panel.queries; only panels without a fault. */
  readonly checked: ReadonlyMap<Panel, readonly CheckedStatement[]>;
  readonly faults: readonly DefinitionFault[];
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
  const checker = new QueryChecker(sources);
  const checked = new Map<Panel, readonly CheckedStatement[]>();
  const tasks: (() => Promise<void>)[] = [];
  for (const dashboard of definitions.dashboards.values()) {
    for (const panel of dashboard.panels.values())
      tasks.push(async () => {
        const statements = await checker.checkPanel(panel, options);
        if (statements) checked.set(panel, statements);
      });
    for (const parameter of dashboard.parameters.values())
      tasks.push(() =>
        checker.checkOptions(parameter, dashboard.sourceName, [...dashboard.parameters.values()]),
      );
  }
  await inTurns(tasks);
  return { checked, faults: inOrder(checker.faults.faults), absent: [...checker.absent].sort() };
}

class QueryChecker {
  readonly faults = new FaultList();
  readonly absent = new Set<string>();
  readonly #sources: ReadonlyMap<string, Source>;

  constructor(sources: ReadonlyMap<string, Source>) {
    this.#sources = sources;
  }

  /** Null when the panel has a fault or its source is absent. */
  async checkPanel(panel: Panel, options: CheckQueriesOptions): Promise<CheckedStatement[] | null> {
    const statements: CheckedStatement[] = [];
    for (const { statement, place } of panel.queries) {
      const checked = await this.#check(statement, {
        sourceName: panel.sourceName,
        parameters: panel.parameters,
        place,
      });
      if (checked) statements.push(checked);
    }
    if (statements.length < panel.queries.length) return null;
    const before = this.faults.faults.length;
    checkPanelColumns(panel, statements, this.faults);
    if (options.unknownDependencies === 'fault') this.#checkDependencies(panel, statements);
    return this.faults.faults.length === before ? statements : null;
  }

  async checkOptions(
    parameter: Parameter,
    sourceName: string | null,
    parameters: readonly Parameter[],
  ): Promise<void> {
    if (!parameter.options || sourceName === null) return;
    const checked = await this.#check(parameter.options, { sourceName, parameters, place: parameter.place });
    if (checked) checkOptionsColumns(parameter, parameter.options, { checked, faults: this.faults });
  }

  async #check(
    statement: Statement,
    about: { sourceName: string; parameters: readonly Parameter[]; place: Place },
  ): Promise<CheckedStatement | null> {
    const source = this.#sources.get(about.sourceName);
    // Once a source is known to be away, its other queries need not wait for it.
    if (!source || this.absent.has(about.sourceName)) {
      this.absent.add(about.sourceName);
      return null;
    }
    try {
      return await source.check(statement, typesOf(statement, about.parameters));
    } catch (error) {
      if (error instanceof StatementRejected) this.#reject(statement, about.place, error);
      else if (error instanceof DashcacheError) this.absent.add(about.sourceName);
      else throw error;
      return null;
    }
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
