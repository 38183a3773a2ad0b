import fc from 'fast-check';
import t from 'tap';
import { Histogram } from '../../../services/statistics/histogram.js';

const duration = fc.oneof(
  fc.double({ min: 2 ** -10, max: 2 ** 20, noNaN: true }),
  // Small ones as often as large ones, and the bounds of buckets themselves.
  fc.double({ min: -10, max: 20, noNaN: true }).map((exponent) => 2 ** exponent),
  fc.integer({ min: -10, max: 20 }).map((exponent) => 2 ** exponent),
);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

t.test('any durations from 1 us to 17 minutes: every percentile is within 2 % of the exact one', async () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (values, percent) => {
        const exact =
          values.toSorted((a, b) => a - b)[Math.ceil((percent / 100) * values.length) - 1] ?? Number.NaN;
        const told = histogramOf(values).percentileMs(percent) ?? Number.NaN;
        return Math.abs(told - exact) <= 0.02 * exact;
      },
    ),
    { numRuns: 2000 },
  );
});

t.test('any durations: count and sum are exact, and counts up to powers of two too', async () => {
  fc.assert(
    fc.property(fc.array(duration), fc.integer({ min: -10, max: 20 }), (values, exponent) => {
      const histogram = histogramOf(values);
      const exactSum = values.reduce((sum, value) => sum + value, 0);
      return (
        histogram.count === values.length &&
        Math.abs(histogram.sumMs - exactSum) <= 1e-9 * exactSum &&
        // The lowest bound has the first bucket's own lower bound below it: values of exactly 2^-10 ms count above.
        (exponent === -10 ||
          histogram.countUpTo(exponent) === values.filter((value) => value <= 2 ** exponent).length)
      );
    }),
  );
});

t.test(
  'two histograms: merged they tell what one of all values tells, and the difference is the rest',
  async () => {
    fc.assert(
      fc.property(fc.array(duration), fc.array(duration), (first, second) => {
        const merged = histogramOf(first).merge(histogramOf(second));
        const whole = histogramOf([...first, ...second]);
        const rest = whole.since(histogramOf(first));
        const sameBuckets = (a: Histogram, b: Histogram) =>
          a.encode().split(' ').slice(1).join() === b.encode().split(' ').slice(1).join();
        return (
          sameBuckets(merged, whole) && sameBuckets(rest, histogramOf(second)) && rest.count === second.length
        );
      }),
    );
  },
);

t.test('encoded and decoded: the same histogram', async () => {
  fc.assert(
    fc.property(fc.array(duration), (values) => {
      const text = histogramOf(values).encode();
      const back = Histogram.decode(text);
      return back?.encode() === text && back.count === values.length;
    }),
  );
});

t.test('text that encode never writes: null', async (t) => {
  for (const text of ['', 'x', '1 zzz', '1 5 -3', '1  5', '-1', '1 5.', '{}', '~', '~~1', '~1 qo'])
    t.equal(Histogram.decode(text), null, JSON.stringify(text));
});

t.test('text of the version before, with half as many buckets: the same durations within 5 %', async (t) => {
  // 0.1, 100 and twice 2500 ms, as it wrote them.
  const told = Histogram.decode('5100.1 2x 4f 23.2');
  const percentiles = [25, 50, 75].map((percent) => told?.percentileMs(percent) ?? 0);
  t.equal(told?.count, 4);
  t.equal(told?.sumMs, 5100.1);
  for (const [at, exact] of [0.1, 100, 2500].entries())
    t.ok(Math.abs((percentiles[at] ?? 0) - exact) <= 0.05 * exact, `${percentiles[at]} for ${exact}`);
});

t.test('without records: no percentile; a copy goes its own way', async (t) => {
  const histogram = new Histogram();
  t.equal(histogram.percentileMs(50), null);
  t.equal(histogram.encode(), '~0');
  const copy = histogram.copy();
  copy.record(3);
  t.same([histogram.count, copy.count], [0, 1]);
});

t.test('durations that are none, or out of range: count at the ends and never throw', async (t) => {
  const histogram = histogramOf([Number.NaN, -5, 0, Number.POSITIVE_INFINITY, 1e12]);
  t.equal(histogram.count, 5);
  t.equal(histogram.sumMs, 1e12);
  t.equal(histogram.countUpTo(-9), 3);
  t.ok((histogram.percentileMs(100) ?? 0) > 2 ** 19);
});
