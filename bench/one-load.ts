// How many queries it takes when many readers in several processes want one thing at once: `npm run bench:one-load`.
import { CountingSource, startProcesses } from '../test/helpers/cache-processes.js';
import { startRedis } from '../test/helpers/redis-server.js';
import { CASES, type CaseFigures, oneLoadRounds } from './one-load-rounds.js';

const PROCESSES_COUNT = 4;
const READERS_COUNT = 50;
const ROUNDS_COUNT = 20;
const QUERY_MS = 500;

function line({
  what,
  executionsCount,
  roundsCount,
  answeredCount,
  readsCount,
  slowestMs,
}: CaseFigures): string {
  const executions = `${executionsCount} executions in ${roundsCount} rounds`;
  return `${what.padEnd(12)}  ${executions}, ${answeredCount} of ${readsCount} reads answered, the slowest in ${Math.round(slowestMs)} ms\n`;
}

async function main(): Promise<void> {
  const redis = await startRedis();
  const source = await CountingSource.start(QUERY_MS);
  try {
    const setup = { redisUrl: redis.url, sourceUrl: source.url, hears: true };
    const processes = await startProcesses(PROCESSES_COUNT, setup);
    const all: CaseFigures[] = [];
    for (const what of CASES) {
      const counts = { readersCount: READERS_COUNT, roundsCount: ROUNDS_COUNT };
      const figures = await oneLoadRounds({ what, processes, source, ...counts });
      process.stdout.write(line(figures));
      all.push(figures);
    }
    for (const one of processes) one.signal('SIGKILL');
    const isMet = all.every(
      (one) => one.executionsCount === one.roundsCount && one.answeredCount === one.readsCount,
    );
    process.exitCode = isMet ? 0 : 1;
  } finally {
    source.stop();
    await redis.stop();
  }
}

await main();
