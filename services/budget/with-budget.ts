import type { RedisClient } from '../cache/redis-client.js';
import type { Clock } from '../clock.js';
import type { SourceDefinition } from '../definitions/source-definitions.js';
import type { Log } from '../log.js';
import type { Source } from '../sources/source.js';
import { type BudgetObserver, BudgetQueue } from './budget-queue.js';
import { BudgetSource } from './budget-source.js';
import { BudgetWindow } from './budget-window.js';
import { SharedBudget } from './shared-budget.js';

export interface BudgetParts {
  /** Null without Redis: then the budget is this process's own. */
  readonly redis: RedisClient | null;
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: BudgetObserver;
}

/** The source behind the budget that is declared for it; the source itself when there is none. */
export function withBudget(
  source: Source,
  { name: sourceName, budgetPerMinuteCount: perMinuteCount }: SourceDefinition,
  { redis, prefix, clock, log, observer }: BudgetParts,
): Source {
  if (perMinuteCount === null) return source;
  const ledger = redis
    ? new SharedBudget({ redis, prefix, clock, log, sourceName, perMinuteCount })
    : new BudgetWindow({ perMinuteCount, clock });
  return new BudgetSource(source, new BudgetQueue({ sourceName, ledger, clock, observer }));
}
