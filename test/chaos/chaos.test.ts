import t from 'tap';
import { checkHistory } from '../helpers/check-history.js';
import type { InvalidationOperation, Operation, ReadOperation } from '../helpers/history.js';
import { SeededRandom, testSeed } from '../helpers/seeded-random.js';
import { schedule } from '../helpers/seeded-schedule.js';
import { ChaosWorld } from './chaos-world.js';

/** What no read of the run was: older than a purge that had been acknowledged before it began. */
function oldRead(operations: readonly Operation[]): ReadOperation {
  const purges = operations.filter((one): one is InvalidationOperation => one.kind === 'purge');
  const purge = purges.at(-1);
  const key = purge?.keys[0] ?? '';
  if (
    !purge ||
    !operations.some((one) => one.kind === 'write' && one.key === key && one.endedMs < purge.beganMs)
  )
    throw new Error('No key was purged after it had changed');
  const began = { beganMs: purge.endedMs + 1, endedMs: purge.endedMs + 2 };
  return { kind: 'read', process: 'a control', key, version: 0, isStale: false, isUnproven: false, ...began };
}

/** `npm run chaos` sets five minutes. */
const SECONDS = Number(process.env['DASHCACHE_CHAOS_SECONDS'] || 60);
const LINES = [0, 1, 2] as const;

t.setTimeout((SECONDS + 120) * 1000);

t.test(
  `${SECONDS} s of faults: nothing old is served after a purge, and warm panels are answered`,
  async (t) => {
    const seed = testSeed();
    const world = await ChaosWorld.start(t, seed);
    const random = new SeededRandom(seed + 1);
    const line = () => world.lines[random.pick(LINES)];
    let broken = line();
    const pickLine = () => {
      broken = line();
      return broken;
    };
    let frozen = world.serviceAt(0);
    const exits: (number | NodeJS.Signals)[] = [];
    const script = schedule(seed)
      .every([300, 1500], {
        'Redis is frozen': {
          do: () => world.redis.freeze(),
          undo: () => world.redis.thaw(),
          lastsMs: [200, 2500],
        },
        'a line is cut': () => pickLine()?.cut(),
        'a line is silent': {
          do: () => pickLine()?.blackhole(),
          undo: () => broken?.heal(),
          lastsMs: [200, 2500],
        },
        'a line is deaf': {
          do: () => pickLine()?.halfOpen('up'),
          undo: () => broken?.heal(),
          lastsMs: [200, 1500],
        },
        'a line is late': {
          do: () => pickLine()?.delay(80),
          undo: () => broken?.heal(),
          lastsMs: [500, 2000],
        },
        'a process is suspended': {
          do: () => {
            frozen = world.serviceAt(random.pick(LINES));
            frozen?.signal('SIGSTOP');
          },
          undo: () => frozen?.signal('SIGCONT'),
          lastsMs: [200, 3000],
        },
        'a process is killed': async () => {
          await world.replace(random.pick(LINES), 'SIGKILL');
        },
        'a process is stopped': async () => {
          exits.push(await world.replace(random.pick(LINES), 'SIGTERM'));
        },
        'Redis loses everything': () => world.redis.restart(),
      })
      .every([500, 2500], {
        'the source is slow': source('slow'),
        'the source hangs up': source('reset'),
        'the source hangs': source('hang'),
      });
    function source(mode: 'slow' | 'reset' | 'hang') {
      const set = (to: typeof mode | 'well') => () => {
        world.source = to;
      };
      return { do: set(mode), undo: set('well'), lastsMs: [300, 1500] as const };
    }

    t.comment(script.replay);
    const work = world.work();
    await script.run(SECONDS * 1000);
    world.end();
    await work;

    const { operations } = world.recorder;
    const violations = checkHistory(operations);
    t.same(
      violations.map(({ text }) => text).slice(0, 5),
      [],
      'no read is older than an invalidation allows',
    );
    t.equal(checkHistory([...operations, oldRead(operations)]).length, 1, 'one that were would be found');
    const unanswered = world.failures.filter(({ isSourceWell }) => isSourceWell);
    t.same(
      unanswered.slice(0, 5),
      [],
      'while the source is well, every panel that is never purged is answered',
    );
    t.ok(
      exits.every((exit) => exit === 0),
      `ends with 0 when it is told to: ${exits.join(' ')}`,
    );
    const of = (kind: string) => operations.filter((operation) => operation.kind === kind).length;
    const unproven = operations.filter((one) => one.kind === 'read' && one.isUnproven).length;
    t.comment(
      `${world.answeredCount} answers, ${of('read')} reads (${unproven} unproven), ${of('write')} changes, ` +
        `${of('purge')} purges, ${of('purge without waiting')} without waiting, ${of('expire')} expires, ` +
        `${world.failures.length} warm panels not answered while the source failed`,
    );
    t.ok(of('read') > SECONDS * 20, 'reads enough to mean something');
    if (!t.passing()) t.comment(script.transcript.join('\n'));
  },
);
