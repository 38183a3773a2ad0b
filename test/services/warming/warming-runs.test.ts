import t, { type Test } from 'tap';
import { systemClock } from '../../../services/clock.js';
import { OwnRunMarks, RedisRunMarks, type RunMarks } from '../../../services/warming/run-marks.js';
import { scheduledRun } from '../../../services/warming/warming-run.js';
import { WarmingRuns } from '../../../services/warming/warming-runs.js';
import { askRedis } from '../../helpers/ask-redis.js';
import { Barrier } from '../../helpers/barrier.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { redisParts } from '../../helpers/redis-parts.js';
import { startRedis } from '../../helpers/redis-server.js';
import { until } from '../../integration/support/until.js';

const SECOND_MS = 1000;
const RUN = scheduledRun('shop', { atMs: Date.UTC(2026, 5, 15, 12), content: 'content' });
const KEY = `dc:{w}:run:${RUN.id}`;

/** A Redis, and how to make processes that know of each other by it alone. */
async function world(t: Test) {
  const server = await startRedis({ user: documentedUser() });
  t.teardown(() => server.stop());
  const { client: redis } = await redisParts(t, { kind: 'single', url: server.url });
  const process = (processId: string) =>
    processOf(new RedisRunMarks({ redis, prefix: 'dc:', processId, clock: systemClock }));
  const ask = (command: string, ...words: string[]) => askRedis(server.adminUrl, command, ...words);
  return { process, ask };
}

/** One process with a clock of its own; it loads for as long as its barrier is shut. */
function processOf(marks: RunMarks) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const barrier = new Barrier();
  const signals: AbortSignal[] = [];
  const runs = new WarmingRuns({
    marks,
    clock,
    log,
    warm: async (_, signal) => {
      signals.push(signal);
      await barrier.pass();
    },
  });
  const isIdle = () => until(() => runs.waitingCount === 0);
  return { runs, clock, log, barrier, signals, isIdle };
}

t.test('two processes at the same moment: exactly one warms, and the other lets it go', async (t) => {
  const { process } = await world(t);
  const both = [process('a'), process('b')] as const;
  for (const { runs, barrier } of both) {
    barrier.open();
    runs.ask(RUN);
  }
  for (const { clock, runs } of both)
    t.ok(
      await until(() => {
        clock.advance(SECOND_MS);
        return runs.waitingCount === 0;
      }),
    );
  t.equal(both[0].signals.length + both[1].signals.length, 1);
  const late = process('late');
  late.runs.ask(RUN);
  t.ok(await late.isIdle());
  t.equal(late.signals.length, 0, 'and who comes later finds it done');
});

t.test('each for itself, both would have warmed', async (t) => {
  const both = [processOf(new OwnRunMarks(new ManualClock())), processOf(new OwnRunMarks(new ManualClock()))];
  for (const { runs, barrier } of both) {
    barrier.open();
    runs.ask(RUN);
  }
  for (const { isIdle } of both) t.ok(await isIdle());
  t.equal(both.flatMap(({ signals }) => signals).length, 2);
});

t.test('while its process says so, a run stays its own; once it is silent another goes on', async (t) => {
  const { process, ask } = await world(t);
  const [holder, standby] = [process('holder'), process('standby')];
  standby.barrier.open();
  holder.runs.ask(RUN);
  await holder.barrier.arrived();
  await ask('PEXPIRE', KEY, '100000');
  holder.clock.advance(2 * SECOND_MS);
  t.ok(await until(async () => Number(await ask('PTTL', KEY)) <= 6000), 'it says so again');
  standby.runs.ask(RUN);
  for (let each = 0; each < 5; each++) {
    standby.clock.advance(SECOND_MS);
    await ask('PING');
  }
  t.equal(standby.signals.length, 0);

  // As it is 6 s after the death of the holder.
  await ask('DEL', KEY);
  t.ok(
    await until(() => {
      standby.clock.advance(SECOND_MS);
      return standby.runs.waitingCount === 0;
    }),
  );
  t.equal(standby.signals.length, 1);
  t.equal(await ask('GET', KEY), 'done');

  // The holder was only frozen.
  holder.clock.advance(2 * SECOND_MS);
  t.ok(await until(() => holder.signals[0]?.aborted === true), 'it is told to stop');
  holder.barrier.open();
  t.ok(
    await until(() => {
      holder.clock.advance(SECOND_MS);
      return holder.runs.waitingCount === 0;
    }),
  );
  t.equal(await ask('GET', KEY), 'done');
});

t.test('a process that stops gives its run back at once', async (t) => {
  const { process, ask } = await world(t);
  const [holder, standby] = [process('holder'), process('standby')];
  holder.runs.ask(RUN);
  await holder.barrier.arrived();
  await holder.runs.close();
  t.equal(holder.signals[0]?.aborted, true);
  t.equal(await ask('EXISTS', KEY), 0);
  standby.barrier.open();
  standby.runs.ask(RUN);
  t.ok(await standby.isIdle());
  t.equal(standby.signals.length, 1);
  holder.runs.ask(RUN);
  t.equal(holder.runs.waitingCount, 0, 'and begins nothing more');
});

t.test('while nobody can tell, a run waits; given up, it says so', async (t) => {
  let isAway = true;
  const { runs, clock, barrier, signals, log } = processOf({
    take: async () => {
      if (isAway) throw new Error('Redis is not connected');
      return 'taken';
    },
    keep: async () => true,
    finish: async () => {},
    giveBack: async () => {},
  });
  barrier.open();
  runs.ask(RUN);
  runs.ask({ ...RUN, id: 'other' });
  const turned = (condition: () => boolean) =>
    until(() => {
      clock.advance(SECOND_MS);
      return condition();
    });
  await until(() => clock.pendingTimers > 0);
  clock.advance(SECOND_MS);
  t.equal(runs.waitingCount, 2);
  clock.advance(15 * 60 * SECOND_MS);
  t.ok(await turned(() => runs.waitingCount === 0));
  t.match(log.lines[0]?.message, 'The warming of shop is given up');
  isAway = false;
  runs.ask(RUN);
  t.ok(await turned(() => signals.length === 1));
});
