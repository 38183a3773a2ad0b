import type { Tenant } from '../definitions/tenant.js';

/**
 * How much a query matters when there are more than the budget allows. read: somebody waits for it; settling: the last refresh after
 * changes that have ended; upkeep: a refresh of what is at hand.
 */
export type Urgency = 'read' | 'settling' | 'upkeep';

/** Whose turn it is when a query waits for the budget of its source. */
export interface QueryTurn {
  /** Tenants take turns; a database that holds them apart by itself is told whose rows to show. */
  readonly tenant: Tenant;
  readonly urgency: Urgency;
  /** Then it is sent away with source_overloaded. */
  readonly maxWaitMs: number;
  /** A place that was reserved for it. */
  readonly ticket?: BudgetTicket;
}

/** The budget's leave for one query, for about a second. */
export interface BudgetTicket {
  /** Whether it still holds; it is spent then. */
  use(): boolean;
  /** For another: nothing if it was used. */
  giveBack(): void;
}

/** What a source may be asked in a minute. */
export interface SourceBudget {
  /** Null: there was none in time. */
  reserve(turn: QueryTurn): Promise<BudgetTicket | null>;
}
