import type { BudgetObserver } from '../budget/budget-queue.js';
import { type CacheObserver, silentObserver } from '../cache/observer.js';
import type { RefusalObserver } from '../sources/breaker-source.js';
import type { SourceObserver } from '../sources/source.js';
import type { ReadRecorder } from './recorder.js';

/** The twin of Statistics for CACHE_MONITORING=false: nothing is timed and nothing counted. */
export const silentStatistics: ReadRecorder &
  CacheObserver &
  SourceObserver &
  RefusalObserver &
  BudgetObserver = {
  ...silentObserver,
  read: () => {},
  dashboardLoad: () => {},
  sourceQuery: () => {},
  sourceRefused: () => {},
  budgetWaited: () => {},
  budgetRefused: () => {},
};
