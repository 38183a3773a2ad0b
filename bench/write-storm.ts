// What a storm of writes costs the database, and how old the answers get, through the running service on PostgreSQL with a change feed;
// and what the same readers cost it without a cache: `npm run bench:write-storm`.
import { runStorm, type StormFigures, type StormLine, type StormOptions } from './storm-run.js';

const BUDGET_COUNT = 400;
const CONTRACT_MS = 10_000;
/** What the feed and the machine may add. */
const SLACK_MS = 500;
const ROWS_PER_SECOND = 5000;
const STORM: StormOptions = {
  panelsCount: 40,
  budgetPerMinuteCount: BUDGET_COUNT,
  maxStalenessMs: CONTRACT_MS,
  // 1,500 reads a minute, the load of the old system.
  viewersCount: 200,
  everyMs: 8000,
  rowsPerSecond: ROWS_PER_SECOND,
  durationMs: Number(process.env['DASHCACHE_STORM_SECONDS'] ?? 60) * 1000,
  quietMs: 1000,
  lineEveryMs: 5000,
};
const UNCACHED: StormOptions = { ...STORM, budgetPerMinuteCount: null, isCached: false, durationMs: 30_000 };

function line({ atMs, loggedCount, countedCount, readsCount, stalestMs }: StormLine): string {
  return [
    `${String(atMs / 1000).padStart(4)} s`,
    `queries in the minute before: ${String(loggedCount).padStart(4)} by PostgreSQL, ${String(countedCount).padStart(4)} by the service`,
    `stalest answer ${(stalestMs / 1000).toFixed(2).padStart(5)} s of ${readsCount}\n`,
  ].join('  ');
}

function write(text: string): void {
  process.stdout.write(text);
}

function bound(what: string, isKept: boolean): boolean {
  write(`${isKept ? 'kept   ' : 'MISSED '} ${what}\n`);
  return isKept;
}

/** Prints each bound, and whether it was kept. */
function isMet(cached: StormFigures): boolean {
  const { busiestMinuteCount, stalestMs, rowsPerSecond, wrongCount, failedCount } = cached;
  const bounds = [
    bound(
      `${Math.round(rowsPerSecond)} rows/s in ${cached.commitsCount} commits`,
      rowsPerSecond >= 0.98 * ROWS_PER_SECOND,
    ),
    bound(
      `${busiestMinuteCount} queries in the busiest minute, the budget is ${BUDGET_COUNT}`,
      busiestMinuteCount <= BUDGET_COUNT,
    ),
    bound(
      `${Math.round(stalestMs)} ms lacked by the stalest of ${cached.readsCount} answers, the contract is ${CONTRACT_MS} + ${SLACK_MS} ms`,
      stalestMs <= CONTRACT_MS + SLACK_MS,
    ),
    bound(
      `${cached.loggedCount} queries in all by PostgreSQL, ${cached.countedCount} by the service`,
      cached.loggedCount === cached.countedCount,
    ),
    bound(`${failedCount} reads without an answer`, failedCount === 0),
    bound(
      `${STORM.quietMs / 1000} s after the last write ${wrongCount} of ${STORM.panelsCount} panels wrong`,
      wrongCount === 0,
    ),
  ];
  return bounds.every((isKept) => isKept);
}

async function main(): Promise<void> {
  write(`With a budget of ${BUDGET_COUNT}/min and max_staleness of ${CONTRACT_MS / 1000} s:\n`);
  const cached = await runStorm(STORM, (one) => write(line(one)));
  write('Without the cache:\n');
  const uncached = await runStorm(UNCACHED, (one) => write(line(one)));
  const hasMet = isMet(cached);
  write(
    `${cached.budgetWaitsCount} waits for the budget, ${cached.contractBreachesCount} breaches of the contract, ${cached.budgetBreachesCount} of them for the budget; ` +
      `without the cache ${uncached.perMinuteCount} queries a minute for ${uncached.readsCount} reads in ${UNCACHED.durationMs / 1000} s\n`,
  );
  process.exitCode = hasMet ? 0 : 1;
}

await main();
