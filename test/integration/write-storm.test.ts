import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { askRedis } from '../helpers/ask-redis.js';
import { Commits } from '../helpers/commits.js';
import { statisticsOf } from './support/counters.js';
import { StormViewers } from './support/storm-viewers.js';
import { type StormWorld, stormWorld } from './support/storm-world.js';
import { writeStorm } from './support/storm-writer.js';
import { until } from './support/until.js';

/** `npm run bench:write-storm` in brief: that one runs with the counts, and holds its times. */
const PANELS = [0, 1, 2, 3, 4];
const BUDGET_COUNT = 60;
const CONTRACT_MS = 3000;
const STORM_MS = 7000;
const CONTROL_MS = 30_000;
/** The machine may be busy with other tests. */
const SLACK_MS = 1500;

interface Storm {
  readonly world: StormWorld;
  readonly commits: Commits;
  readonly viewers: StormViewers;
  /** Writes for so long, or until it is enough. */
  write(durationMs: number, enough?: AbortSignal): Promise<unknown>;
  isRight(): Promise<boolean>;
}

async function storm(t: Test, budgetPerMinuteCount: number | null): Promise<Storm> {
  const panelsCount = PANELS.length;
  const world = await stormWorld(t, { panelsCount, maxStalenessMs: CONTRACT_MS, budgetPerMinuteCount });
  const commits = new Commits(panelsCount);
  const viewers = new StormViewers({ world, panelsCount, viewersCount: 20, everyMs: 1000 });
  t.teardown(() => viewers.leave());
  const writer = { url: world.server.url, panelsCount, sessionsCount: 2, rowsCount: 5, rowsPerSecond: 500 };
  return {
    world,
    commits,
    viewers,
    write: (durationMs, enough) =>
      writeStorm({ ...writer, durationMs }, (commit) => commits.note(commit), enough),
    async isRight() {
      const last = await Promise.all(PANELS.map((panel) => world.lastRow(panel)));
      return PANELS.every((panel) => last[panel] === commits.lastRowOf(panel));
    },
  };
}

t.test(
  'given a storm of writes through a feed, the budget and the contract both hold, and all is right after it',
  async (t) => {
    const { world, commits, viewers, write, isRight } = await storm(t, BUDGET_COUNT);
    await write(STORM_MS);
    t.ok(await until(isRight), 'every panel has its last row');
    await viewers.leave();
    const settledCount = (await world.queries()).length;
    await sleep(1000);
    const queries = await world.queries();
    t.equal(queries.length, settledCount, 'and then nothing is asked any more');
    t.ok(
      queries.length <= BUDGET_COUNT,
      `${queries.length} queries by the log of PostgreSQL, all in less than a minute`,
    );
    const { process, sources } = await statisticsOf({ get: (path) => world.ask(path) });
    t.same(
      await askRedis(world.redis.adminUrl, 'ACL', 'LOG'),
      [],
      'Redis refused nothing of what the budget asks',
    );
    t.equal(process.source_queries, queries.length, 'as many as the service says');
    t.match(sources, [{ budget_refusals: 0 }]);
    t.ok(Number(sources[0]?.budget_waits) > 0, 'the statistics say that the budget binds');
    t.equal(process.events['contract_breaches'], 0);

    const lackedMs = viewers.reads.map(({ lastRow, ...read }) =>
      lastRow === null ? Number.POSITIVE_INFINITY : commits.lackedForMs({ ...read, lastRow }),
    );
    const stalestMs = Math.max(...lackedMs);
    t.comment(`${viewers.reads.length} answers, the stalest lacked a write for ${Math.round(stalestMs)} ms`);
    t.ok(stalestMs <= CONTRACT_MS + SLACK_MS, 'nobody saw older data than the contract allows');
    t.ok(stalestMs > 0 && queries.length < viewers.reads.length / 2, 'and the storm was one');
  },
);

t.test(
  'given no budget, the same storm asks more often than that: the budget is what holds it',
  async (t) => {
    const { world, write, isRight } = await storm(t, null);
    const enough = new AbortController();
    const writing = write(CONTROL_MS, enough.signal);
    const isMore = async () => (await world.queries()).length > BUDGET_COUNT;
    t.ok(await until(isMore, { withinMs: CONTROL_MS, everyMs: 250 }), 'within far less than a minute');
    enough.abort();
    await writing;
    t.ok(await until(isRight));
  },
);
