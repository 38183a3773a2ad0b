import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { checkHistory } from '../helpers/check-history.js';
import type { FaultProxy } from '../helpers/fault-proxy.js';
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

function inMib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `npm run chaos` sets five minutes. */
const SECONDS = Number(process.env['DASHCACHE_CHAOS_SECONDS'] || 60);
const LINES = [0, 1, 2] as const;

/** Traffic without faults first: what a process holds then is what it should hold after them. */
const CALM_MS = 8000;

t.setTimeout((SECONDS * 3 + 120) * 1000);

t.test(
  `${SECONDS} s of faults: nothing old is served after a purge, and warm panels are answered`,
  async (t) => {
    const seed = testSeed();
    const world = await ChaosWorld.start(t, seed);
    const random = new SeededRandom(seed + 1);
    const lineOf = (index: number) => {
      const line = world.lines[index];
      if (!line) throw new Error(`There is no line ${index}`);
      return line;
    };
    let broken: number = random.pick(LINES);
    const everybody = () => world.bound.recovers(...LINES);
    const breakLine = (how: (line: FaultProxy) => void) => () => {
      broken = random.pick(LINES);
      world.bound.troubled(broken);
      how(lineOf(broken));
    };
    const mendLine = () => {
      lineOf(broken).heal();
      world.bound.recovers(broken);
    };
    let suspended: number = LINES[0];
    let frozen = world.serviceAt(suspended);
    const exits: (number | NodeJS.Signals)[] = [];
    const script = schedule(seed)
      .every([300, 1500], {
        'Redis is frozen': {
          do: () => {
            world.bound.troubled(...LINES);
            world.redis.freeze();
          },
          undo: () => {
            world.redis.thaw();
            everybody();
          },
          lastsMs: [200, 2500],
        },
        'a line is cut': () => {
          breakLine((line) => line.cut())();
          world.bound.recovers(broken);
        },
        'a line is silent': {
          do: breakLine((line) => line.blackhole()),
          undo: mendLine,
          lastsMs: [200, 2500],
        },
        'a line is deaf': {
          do: breakLine((line) => line.halfOpen('up')),
          undo: mendLine,
          lastsMs: [200, 1500],
        },
        'a line is late': {
          do: breakLine((line) => line.delay(80)),
          undo: mendLine,
          lastsMs: [500, 2000],
        },
        'a process is suspended': {
          do: () => {
            suspended = random.pick(LINES);
            frozen = world.serviceAt(suspended);
            world.bound.troubled(suspended);
            frozen?.signal('SIGSTOP');
          },
          undo: () => {
            frozen?.signal('SIGCONT');
            world.bound.recovers(suspended);
          },
          lastsMs: [200, 3000],
        },
        'a process is killed': async () => {
          await world.replace(random.pick(LINES), 'SIGKILL');
        },
        'a process is stopped': async () => {
          exits.push(await world.replace(random.pick(LINES), 'SIGTERM'));
        },
        'Redis is restarted empty': async () => {
          world.bound.rootLost();
          await world.redis.restart();
          everybody();
        },
        'Redis is flushed': async () => {
          world.bound.rootLost();
          await world.askRedis('FLUSHDB');
        },
        'all generations are deleted': async () => {
          world.bound.rootLost();
          const keys = (await world.askRedis('KEYS', 'dc:{g}:t:*')) as string[];
          if (keys.length > 0) await world.askRedis('DEL', ...keys);
        },
        'entries are damaged': async () => {
          world.bound.rootLost();
          await world.damageEntries();
        },
        'subscriptions are killed': () => world.askRedis('CLIENT', 'KILL', 'TYPE', 'pubsub'),
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
    await sleep(CALM_MS);
    const calmBytes = await Promise.all(LINES.map((index) => world.heldBytes(index)));
    await script.run(SECONDS * 1000);
    world.end();
    const allowedCount = world.bound.end();
    const { executionsCount } = world;
    await work;

    const { operations } = world.recorder;
    const violations = checkHistory(operations);
    t.same(
      violations.map(({ text }) => text).slice(0, 5),
      [],
      'no read is older than an invalidation allows',
    );
    t.equal(checkHistory([...operations, oldRead(operations)]).length, 1, 'one that were would be found');
    t.same(
      world.failures.slice(0, 5),
      [],
      'every panel that is never purged is answered by who has kept it once, with what its tenant may see',
    );
    t.same(world.crashes, [], 'nobody ends by himself, of an unhandled rejection or else');
    t.ok(executionsCount <= allowedCount, `${executionsCount} loads of at most ${allowedCount}`);
    t.ok(
      exits.every((exit) => exit === 0),
      `ends with 0 when it is told to: ${exits.join(' ')}`,
    );
    const of = (kind: string) => operations.filter((operation) => operation.kind === kind).length;
    const unproven = operations.filter((one) => one.kind === 'read' && one.isUnproven).length;
    t.comment(
      `${world.answeredCount} answers, ${of('read')} reads (${unproven} unproven), ${of('write')} changes, ` +
        `${of('purge')} purges, ${of('purge without waiting')} without waiting, ${of('expire')} expires, ` +
        `${executionsCount} loads (${allowedCount} allowed)`,
    );
    t.ok(of('read') > SECONDS * 20, 'reads enough to mean something');
    const heldBytes = await Promise.all(LINES.map((index) => world.heldBytes(index)));
    t.comment(`held before: ${calmBytes.map(inMib).join(', ')}; after: ${heldBytes.map(inMib).join(', ')}`);
    t.ok(Math.max(...heldBytes) <= 1.1 * Math.max(...calmBytes), 'memory is back within 10 %');
    if (!t.passing()) t.comment(script.transcript.join('\n'));
  },
);
