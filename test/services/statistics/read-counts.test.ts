import fc from 'fast-check';
import t from 'tap';
import { COUNTERS, READ_LAYERS, READ_OUTCOMES } from '../../../services/statistics/counters.js';
import { hitRate, ReadCounts, recommendation } from '../../../services/statistics/read-counts.js';

const read = fc.record({
  outcome: fc.constantFrom(...READ_OUTCOMES),
  layer: fc.constantFrom(...READ_LAYERS),
});

t.test(
  'any reads: requests = hits + misses + bypasses + errors, and every part is inside its whole',
  async () => {
    fc.assert(
      fc.property(fc.array(read), (reads) => {
        const counts = new ReadCounts();
        for (const { outcome, layer } of reads) counts.add(outcome, layer);
        const c = counts.counters();
        return (
          c.total_requests === reads.length &&
          c.total_requests === c.hits + c.misses + c.bypasses + c.errors &&
          c.stale_hits + c.error_hits + c.unproven_hits <= c.hits &&
          c.collapsed <= c.misses &&
          c.stale_hits === reads.filter(({ outcome }) => outcome === 'stale_hit').length
        );
      }),
    );
  },
);

t.test(
  'the table: what a counter is inside of sums its outcomes too, and parts of one whole share none',
  async (t) => {
    const reads = Object.entries(COUNTERS.reads);
    for (const [name, { inside, outcomes }] of reads) {
      if (inside === null) continue;
      const whole: readonly string[] = COUNTERS.reads[inside].outcomes;
      t.ok(
        outcomes.every((outcome) => whole.includes(outcome)),
        `${name} is inside ${inside}`,
      );
      for (const [other, { inside: otherInside, outcomes: others }] of reads)
        if (other !== name && otherInside === inside) {
          const otherOutcomes: readonly string[] = others;
          t.notOk(
            outcomes.some((outcome) => otherOutcomes.includes(outcome)),
            `${name} and ${other} do not overlap`,
          );
        }
    }
  },
);

t.test('cells of another process: merged, counted apart, and what came since', async (t) => {
  const counts = new ReadCounts();
  counts.add('hit', 'l1');
  counts.add('collapsed', 'source');
  const earlier = new ReadCounts(counts.cells());
  counts.merge(earlier).add('hit', 'l2');
  t.equal(counts.count('hit', 'l1'), 2);
  t.match(counts.since(earlier).counters(), { total_requests: 3, hits: 2, misses: 1, collapsed: 1 });
  t.same(new ReadCounts([1, 2, 3, ...new Array(100).fill(9)]).cells().length, READ_OUTCOMES.length * 3);
});

t.test('hit rate: hits of hits and misses in percent, 2 digits, 0 without reads', async (t) => {
  t.equal(hitRate({ hits: 1500, misses: 500 }), 75);
  t.equal(hitRate({ hits: 1, misses: 2 }), 33.33);
  t.equal(hitRate({ hits: 2, misses: 1 }), 66.67);
  t.equal(hitRate({ hits: 0, misses: 0 }), 0);
});

t.test('recommendation: by the hit rate, with its bounds', async (t) => {
  t.equal(recommendation(100, 1), 'Excellent hit rate');
  t.equal(recommendation(80, 1), 'Excellent hit rate');
  t.equal(recommendation(79.99, 1), 'Good hit rate');
  t.equal(recommendation(60, 1), 'Good hit rate');
  t.equal(recommendation(59.99, 1), 'Lengthen TTLs or warm the cache');
  t.equal(recommendation(40, 1), 'Lengthen TTLs or warm the cache');
  t.equal(recommendation(39.99, 1), 'Poor hit rate: review what is cached and for how long');
  t.equal(recommendation(0, 1), 'Poor hit rate: review what is cached and for how long');
  t.equal(recommendation(0, 0), 'No reads yet');
});
