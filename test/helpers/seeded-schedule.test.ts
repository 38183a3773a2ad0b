import t from 'tap';
import { turns } from './cache-room.js';
import { ManualClock } from './manual-clock.js';
import { replayOf, SeededRandom, testSeed } from './seeded-random.js';
import { schedule } from './seeded-schedule.js';

const faults = {
  cut: () => {},
  silent: { do: () => {}, undo: () => {}, lastsMs: [100, 300] },
} as const;

t.test('the same seed gives the same plan, another seed another', (t) => {
  const planOf = (seed: number) => schedule(seed).every([10, 200], faults).plan(5000);
  t.same(planOf(7), planOf(7));
  t.notSame(planOf(7), planOf(8));
  t.ok(planOf(7).length > 10);
  t.end();
});

t.test('another line of a script changes nothing about the first', (t) => {
  const alone = schedule(7).every([10, 200], faults).plan(5000);
  const both = schedule(7)
    .every([10, 200], faults)
    .every([10, 200], { kill: () => {} })
    .plan(5000);
  t.same(
    both.filter((line) => !line.includes('kill')),
    alone,
  );
  t.end();
});

t.test('a run does what the plan says, at its instants, and tells what failed', async (t) => {
  const clock = new ManualClock();
  const done: string[] = [];
  const does = (name: string) => () => done.push(`${name} at ${clock.monotonicMs()}`);
  const script = schedule(3)
    .every([50, 150], { silent: { do: does('silent'), undo: does('heard'), lastsMs: [100, 200] } })
    .at(500, 'breaks', () => Promise.reject(new Error('no such server')));
  let isOver = false;
  const run = script.run(1000, clock).then(() => {
    isOver = true;
  });
  while (!isOver) {
    clock.advance(1);
    await turns(3);
  }
  await run;
  const plan = script.plan(1000);
  t.same(
    script.transcript.map((line) => line.replace(/: failed.*/, '')),
    plan,
  );
  t.ok(script.transcript.includes('+00500 ms breaks: failed: no such server'));
  const instants = plan.filter((line) => !line.includes('breaks')).map((line) => Number(line.slice(1, 6)));
  t.same(
    done.map((one) => Number(one.split(' at ')[1])),
    instants,
  );
  t.equal(
    done.filter((one) => one.startsWith('silent')).length,
    done.filter((one) => one.startsWith('heard')).length,
    'nothing is left broken',
  );
});

t.test('a seed is drawn, or taken from the environment to replay a run', (t) => {
  const before = process.env['DASHCACHE_TEST_SEED'];
  t.teardown(() => {
    if (before === undefined) delete process.env['DASHCACHE_TEST_SEED'];
    else process.env['DASHCACHE_TEST_SEED'] = before;
  });
  delete process.env['DASHCACHE_TEST_SEED'];
  t.not(testSeed(), testSeed());
  const [name = '', value] = replayOf(42).split('=');
  process.env[name] = value;
  t.equal(testSeed(), 42);
  process.env[name] = 'first';
  t.throws(() => testSeed(), /whole number/);
  t.end();
});

t.test('random choices reach everything they are made from', (t) => {
  const random = new SeededRandom(1);
  const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 6)));
  t.same([...seen].sort(), [3, 4, 5, 6]);
  t.same(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b']))), new Set(['a', 'b']));
  const luckyCount = Array.from({ length: 1000 }, () => random.chance(0.3)).filter((lucky) => lucky).length;
  t.ok(luckyCount > 200 && luckyCount < 400, `${luckyCount} of 1000 at 0.3`);
  t.throws(() => random.pick([]));
  t.end();
});
