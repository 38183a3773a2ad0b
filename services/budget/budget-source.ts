import type { Binds, BindType, Statement } from '../definitions/model.js';
import { noTenant } from '../definitions/tenant.js';
import type { QueryTurn, SourceBudget } from '../sources/query-turn.js';
import type { CheckedStatement, QueryLimits, Source, SourceResult, SourceState } from '../sources/source.js';
import type { BudgetQueue } from './budget-queue.js';

/** A turn of nobody in particular: a reader who has nothing. */
const ANY_TURN: QueryTurn = { tenant: noTenant, urgency: 'read', maxWaitMs: 10_000 };

/** A source that is asked no more often than its budget allows. Checks of definitions run nothing, so they cost nothing. */
export class BudgetSource implements Source {
  readonly #source: Source;
  readonly #queue: BudgetQueue;

  constructor(source: Source, queue: BudgetQueue) {
    this.#source = source;
    this.#queue = queue;
  }

  get name(): Source['name'] {
    return this.#source.name;
  }

  get kind(): Source['kind'] {
    return this.#source.kind;
  }

  get budget(): SourceBudget {
    return this.#queue;
  }

  check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement> {
    return this.#source.check(statement, types);
  }

  async query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    const { turn = ANY_TURN, signal } = limits;
    if (!turn.ticket?.use()) await this.#queue.enter(turn, signal);
    return this.#source.query(statement, binds, limits);
  }

  onTablesChanged(listener: (tables: readonly string[]) => void): void {
    this.#source.onTablesChanged(listener);
  }

  state(): SourceState {
    return this.#source.state();
  }

  close(): Promise<void> {
    this.#queue.close();
    return this.#source.close();
  }
}
