import t from 'tap';
import { openBenchRoom } from '../../bench/rivals/bench-room.js';
import { type Counts, type Figure, QUICK_COUNTS } from '../../bench/rivals/figure.js';
import { hits } from '../../bench/rivals/hits.js';
import { lostMessage } from '../../bench/rivals/lost-message.js';
import { measure } from '../../bench/rivals/measure.js';
import type { Measurement } from '../../bench/rivals/measurements.js';
import { oneLoad } from '../../bench/rivals/one-load.js';
import { libraryFile } from '../../bench/rivals/rival.js';
import { rivalsTable } from '../../bench/rivals/rivals-table.js';
import { staleFill } from '../../bench/rivals/stale-fill.js';
import { tagClock } from '../../bench/rivals/tag-clock.js';

// Three libraries of known faults: what the bench says of them is known beforehand.

const COUNTS: Counts = {
  ...QUICK_COUNTS,
  processesCount: 2,
  readersCount: 5,
  roundsCount: 1,
  loadMs: 200,
  trialsCount: 20,
  settleMs: 200,
  lostTtlMs: 3000,
  keysCount: 3,
  hitSliceMs: 10,
  redisReadsCount: 24,
};

const room = await openBenchRoom();
t.teardown(() => room.close());

async function figuresOf(measurement: Measurement, name: string): Promise<readonly Figure[]> {
  const file = await libraryFile(new URL(`fake-rivals/${name}.ts`, import.meta.url).href);
  const { figures, error } = await measure({ room, file }, { name, measurement, counts: COUNTS });
  if (error !== null) throw new Error(error);
  return figures;
}

const valuesOf = (figures: readonly Figure[]) => figures.map(({ value }) => value);

t.test(
  'a library that shares its loads has one execution a round, and all readers the current value',
  async (t) => {
    const figures = await figuresOf(oneLoad, 'sharing');
    t.same(valuesOf(figures).slice(0, 5), [1, 1, 1, 3, 30]);
    t.ok((figures[5]?.value ?? 0) >= 1, 'nobody answers before the load is done');
  },
);

t.test(
  'a library that joins nothing runs the source for every reader, and gives old values elsewhere',
  async (t) => {
    const figures = await figuresOf(oneLoad, 'careless');
    // After the invalidation only the process that did it asks the source.
    t.same(valuesOf(figures).slice(0, 5), [10, 10, 5, 25, 25]);
  },
);

t.test('generations read before the load, then no trial leaves the old value', async (t) => {
  t.same(valuesOf(await figuresOf(staleFill, 'sharing')), [0, 0, 0, 0]);
});

t.test('a fill after the invalidation, then every trial leaves the old value', async (t) => {
  t.same(valuesOf(await figuresOf(staleFill, 'careless')), [20, 20, 20, 20]);
});

t.test(
  'a message lost with the bus, then old data to the end of the ttl, and none without the loss',
  async (t) => {
    const [nothing, bus, everything] = await figuresOf(lostMessage, 'telling');
    t.notMatch(nothing?.text, /to its ttl/);
    for (const cut of [bus, everything]) {
      t.match(cut?.text, /to its ttl/);
      t.ok(Number(cut?.value) > Number(nothing?.value));
    }
  },
);

t.test('a library without memory, then nothing is said of it where memory is measured', async (t) => {
  const figures = await figuresOf(lostMessage, 'sharing');
  t.same(
    figures.map(({ text, value }) => [text, value]),
    [
      ['-', null],
      ['-', null],
      ['-', null],
    ],
  );
});

t.test('a tag by generations holds under wrong clocks and evictions', async (t) => {
  const [behind, ahead, runs, after, before] = valuesOf(await figuresOf(tagClock, 'sharing'));
  t.same({ behind, ahead, runs, after, before }, { behind: 0, ahead: 0, runs: 0, after: 0, before: 0 });
});

t.test('a tag by the wall clock fails under a clock behind, one ahead and an eviction', async (t) => {
  const [behind, ahead, runs, after, before] = valuesOf(await figuresOf(tagClock, 'telling'));
  t.same({ behind, ahead, runs, after, before }, { behind: 3, ahead: 0, runs: 10, after: 3, before: 0 });
});

t.test('a hit that asks Redis first costs many times what one out of a Map costs', async (t) => {
  const careless = valuesOf(await figuresOf(hits, 'careless'));
  const telling = valuesOf(await figuresOf(hits, 'telling'));
  for (const index of [0, 1, 2, 3, 4, 5])
    t.ok(
      Number(telling[index]) > 5 * Number(careless[index]),
      `${telling[index]} against ${careless[index]}`,
    );
});

t.test('a library that fails, then its column says so and the others keep their figures', async (t) => {
  const file = await libraryFile(new URL('fake-rivals/careless.ts', import.meta.url).href);
  const failing: Measurement = () => Promise.reject(new Error('it fell over'));
  const failed = await measure({ room, file }, { name: 'one', measurement: failing, counts: COUNTS });
  const figures = [{ row: 'loads', text: '7', value: 7 }];
  const other = { measurement: 'one', library: 'other', figures, error: null };
  t.equal(
    rivalsTable([failed, other]),
    [
      '|       | careless | other |',
      '| ----- | -------- | ----- |',
      '| loads | failed   | 7     |',
      'one of careless failed: it fell over',
      '',
    ].join('\n'),
  );
});
