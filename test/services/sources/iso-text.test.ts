import fc from 'fast-check';
import t from 'tap';
import { isoDate, isoDuration, isoInstant } from '../../../services/sources/iso-text.js';

t.test('a date within the range of Date is what Date says', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
      const [expected] = new Date(days * 86_400_000).toISOString().split('T');
      return isoDate(days) === expected;
    }),
    { numRuns: 20_000 },
  );
  t.equal(isoDate(0), '1970-01-01');
});

t.test('a date beyond the range of Date goes on counting', async (t) => {
  t.equal(isoDate(2_147_483_646), '+5881580-07-10');
  t.equal(isoDate(-2_147_483_646), '-5877641-06-25');
});

t.test('an instant is what Date says, with the fraction as long as it needs to be', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (ms) => {
      const expected = new Date(ms).toISOString().replace(/\.?0+Z$/, 'Z');
      return isoInstant(ms, 0) === expected;
    }),
    { numRuns: 20_000 },
  );
  t.equal(isoInstant(0, 1), '1970-01-01T00:00:00.000000001Z');
  t.equal(isoInstant(-1, 999_999), '1969-12-31T23:59:59.999999999Z');
});

t.test('a duration has only the parts that are not zero, each with its sign', async (t) => {
  t.equal(isoDuration(0, 0, 0n), 'PT0S');
  t.equal(isoDuration(14, 0, 0n), 'P1Y2M');
  t.equal(isoDuration(-14, 3, 0n), 'P-1Y-2M3D');
  t.equal(isoDuration(0, 0, 3_600_000_000n), 'PT1H');
  t.equal(isoDuration(0, 0, -61_500_000n), 'PT-1M-1.5S');
  t.equal(isoDuration(0, 0, -500_000n), 'PT-0.5S');
  t.equal(isoDuration(0, 0, 90_000_000_000n), 'PT25H');
});
