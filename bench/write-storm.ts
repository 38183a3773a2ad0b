// What a storm of writes costs the database, and how old the answers get: `npm run bench:write-storm`.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock as clock } from '../services/clock.js';
import { WriteStorm } from '../test/helpers/write-storm.js';

const STORM_MS = 60_000;
const QUIET_MS = 1000;
const TICK_MS = 5;
const LINE_EVERY_MS = 5000;
const BUDGET_COUNT = 400;
const CONTRACT_MS = 10_000;
/** What the feed and the machine may add. */
const SLACK_MS = 500;
/** 200 viewers, each every 8 s: 1,500 reads a minute, the load of the old system. */
const STORM = {
  panelsCount: 40,
  viewersCount: 200,
  everyMs: 8000,
  writesPerSecondCount: 5000,
  queryMs: 20,
};

async function run(storm: WriteStorm, ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) {
    storm.tick();
    await sleep(TICK_MS);
  }
}

function line(storm: WriteStorm, atMs: number): string {
  const queries = storm.queriesBetween(atMs - 60_000, atMs);
  const reads = storm.observed.filter((read) => read.atMs >= atMs - LINE_EVERY_MS && read.atMs < atMs);
  const stalest = storm.stalestMs(atMs - LINE_EVERY_MS, atMs);
  const uncached = Math.round((reads.length * 60_000) / LINE_EVERY_MS);
  return [
    `${String(atMs / 1000).padStart(4)} s`,
    `${String(queries).padStart(4)} queries in the minute before (budget ${BUDGET_COUNT})`,
    `stalest answer ${(stalest / 1000).toFixed(1).padStart(4)} s (contract ${CONTRACT_MS / 1000} s)`,
    `uncached ${uncached} queries a minute\n`,
  ].join('  ');
}

async function main(): Promise<void> {
  const limits = { maxStalenessMs: CONTRACT_MS, budgetPerMinuteCount: BUDGET_COUNT };
  const storm = new WriteStorm({ clock, ...STORM, ...limits });
  for (let atMs = LINE_EVERY_MS; atMs <= STORM_MS; atMs += LINE_EVERY_MS) {
    await run(storm, LINE_EVERY_MS);
    process.stdout.write(line(storm, atMs));
  }
  storm.isWriting = false;
  await run(storm, QUIET_MS);
  const wrongCount = await storm.wrongCount();
  const busiestCount = storm.busiestMinuteCount();
  const stalestMs = storm.stalestMs();
  const breachesCount = storm.observer.count('contract_breaches');
  process.stdout.write(
    `busiest minute ${busiestCount} queries; stalest answer ${Math.round(stalestMs)} ms; ${breachesCount} breaches, ${storm.failedCount} failed reads; ` +
      `${storm.waitsCount} waits for the budget; ${QUIET_MS} ms after the last write ${wrongCount} of ${STORM.panelsCount} panels wrong\n`,
  );
  await storm.close();
  const isMet = busiestCount <= BUDGET_COUNT && stalestMs <= CONTRACT_MS + SLACK_MS;
  process.exitCode = isMet && wrongCount === 0 && storm.failedCount === 0 ? 0 : 1;
}

await main();
