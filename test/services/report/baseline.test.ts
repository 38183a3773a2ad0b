import t from 'tap';
import type { Bypassed } from '../../../services/bypass/bypass-schema.js';
import { BaselineTally } from '../../../services/report/baseline-tally.js';
import { likelyReads } from '../../../services/report/likely-reads.js';
import { measureBaseline } from '../../../services/report/measure-baseline.js';
import { RequestSample } from '../../../services/report/request-sample.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const NOON_MS = Date.UTC(2026, 10, 25, 12);

function bypassed(
  ...panels: readonly (readonly [ms: number, queries: number, problem?: string])[]
): Bypassed {
  return {
    url: '/dashboards/a',
    dashboard: 'a',
    is_whole: false,
    duration_ms: 0,
    panels: panels.map(([duration_ms, queries, problem = null], at) => ({
      panel: `charts/p${at}`,
      duration_ms,
      queries,
      bytes: 1,
      problem,
    })),
  };
}

t.test('the tally: load times of what was answered, queries of all that was asked', async (t) => {
  const tally = new BaselineTally();
  for (let ms = 1; ms <= 100; ms++) tally.add(bypassed([ms * 25, 3]));
  tally.add(bypassed([9000, 2, 'source_deadline']));
  tally.refuse();
  t.same(tally.told(204), {
    requests: 101,
    reads: 100,
    failed: 1,
    refused: 1,
    hit_rate: 0,
    load_time: { mean_ms: 1262.5, p50_ms: 1250, p95_ms: 2375, p99_ms: 2475 },
    dashboard_load_time: { mean_ms: null, p50_ms: null, p95_ms: null, p99_ms: null },
    queries: 302,
    requests_per_minute: 204,
    queries_per_minute: 604,
  });
  t.equal(tally.told(null).queries_per_minute, null);
});

t.test('the tally: whole dashboards are timed until their last panel, if any of it was there', async (t) => {
  const tally = new BaselineTally();
  tally.add({ ...bypassed([100, 1], [900, 1]), is_whole: true, duration_ms: 910 });
  tally.add({ ...bypassed([100, 1, 'source_down'], [300, 1]), is_whole: true, duration_ms: 310 });
  tally.add({ ...bypassed([5000, 1, 'source_down']), is_whole: true, duration_ms: 5000 });
  tally.add(bypassed([7000, 1]));
  t.match(tally.told(null).dashboard_load_time, { mean_ms: 610, p50_ms: 310, p95_ms: 910 });
});

t.test('nothing measured: nothing is told to be', async (t) => {
  const tally = new BaselineTally();
  tally.refuse();
  t.match(tally.told(100), {
    hit_rate: null,
    load_time: { mean_ms: null, p95_ms: null },
    requests_per_minute: null,
    queries_per_minute: null,
  });
});

t.test('measuring: one at a time, never faster than the rate, until the first limit', async (t) => {
  const clock = new ManualClock(NOON_MS);
  const startMs = clock.monotonicMs();
  const asked: [address: string, atMs: number][] = [];
  const told: number[] = [];
  const parts = {
    bypass: async (address: string) => {
      asked.push([address, clock.monotonicMs() - startMs]);
      clock.advance(address === 'slow' ? 5000 : 100);
      return address === 'none' ? null : bypassed([100, 1]);
    },
    clock,
    pause: async (ms: number) => clock.advance(ms),
    tell: ({ samples }: { samples: number }) => told.push(samples),
  };
  const limits = { samplesCount: 5, forMs: 60_000, everyMs: 2000 };
  const { tally, failure } = await measureBaseline(['a', 'slow', 'none', 'b', 'c', 'd'], parts, limits);
  t.equal(failure, null);
  t.same(asked, [
    ['a', 0],
    ['slow', 2000],
    ['none', 7000],
    ['b', 7100],
    ['c', 8000],
  ]);
  t.same(told, [1, 2, 3, 4, 5]);
  t.match(tally.told(10), { requests: 4, refused: 1, queries_per_minute: 8 });
  asked.length = 0;
  await measureBaseline(['a', 'b', 'c'], parts, { ...limits, forMs: 2000 });
  t.equal(asked.length, 1, 'the time was over');
});

t.test('who fails on the way: what was measured is told, with what ended it', async (t) => {
  const clock = new ManualClock(NOON_MS);
  const gone = new Error('gone');
  const answers = [bypassed([1, 1])];
  const { tally, failure } = await measureBaseline(
    ['a', 'b', 'c'],
    {
      bypass: async () => {
        const answer = answers.shift();
        if (!answer) throw gone;
        return answer;
      },
      clock,
      pause: async () => {},
      tell: () => {},
    },
    { samplesCount: 5, forMs: 60_000, everyMs: 1 },
  );
  t.equal(failure, gone);
  t.equal(tally.requestsCount, 1);
});

t.test('a log of any length: each request as likely as any other, and how many a minute', async (t) => {
  const times = new Map<string, number>();
  const sizes = new Set<string>();
  for (let seed = 0; seed < 2000; seed++) {
    const sample = new RequestSample({ maxCount: 5, seed });
    for (let at = 0; at < 20; at++) sample.add({ atMs: NOON_MS + at * 15_000, address: `/${at}` });
    sizes.add(`${sample.addresses.length} and ${new Set(sample.addresses).size}`);
    for (const address of sample.addresses) times.set(address, (times.get(address) ?? 0) + 1);
    if (seed === 0) t.same([sample.seenCount, sample.requestsPerMinute], [20, 4]);
  }
  t.same([...sizes], ['5 and 5']);
  // 500 expected of each; six deviations are 118.
  for (const [address, count] of times) t.ok(Math.abs(count - 500) < 118, `${address}: ${count}`);
  const again = (seed: number) => {
    const sample = new RequestSample({ maxCount: 100, seed });
    for (let at = 0; at < 20; at++) sample.add({ atMs: NOON_MS, address: `/${at}` });
    return sample.addresses;
  };
  t.same(again(7), again(7));
  t.notSame(again(7), again(8));
  t.same([...again(7)].sort(), [...again(8)].sort(), 'a short log is taken whole');
  t.equal(new RequestSample({ maxCount: 5, seed: 1 }).requestsPerMinute, null);
});

t.test('without a log: panels as often as they were read, all alike where none was', async (t) => {
  const panels = [
    { addresses: ['/a?t=1', '/a?t=2'], readsCount: 900 },
    { addresses: ['/b'], readsCount: 100 },
    { addresses: ['/c'], readsCount: 0 },
    { addresses: [], readsCount: 1000 },
  ];
  const count = (reads: readonly string[], start: string) =>
    reads.filter((read) => read.startsWith(start)).length;
  const reads = likelyReads(panels, { count: 2000, seed: 3 });
  t.equal(reads.length, 2000);
  t.ok(Math.abs(count(reads, '/b') - 200) < 80, `${count(reads, '/b')}`);
  t.ok(Math.abs(count(reads, '/a?t=1') - 900) < 134);
  t.equal(count(reads, '/c'), 0);
  const unread = likelyReads(
    panels.map((panel) => ({ ...panel, readsCount: 0 })),
    { count: 900, seed: 3 },
  );
  t.ok(Math.abs(count(unread, '/c') - 300) < 85);
  t.same(likelyReads([], { count: 5, seed: 1 }), []);
});
