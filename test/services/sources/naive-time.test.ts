import fc from 'fast-check';
import t from 'tap';
import { naiveTime } from '../../../services/sources/naive-time.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

t.test('in UTC a clock shows the instant', async (t) => {
  const time = naiveTime('UTC');
  t.equal(time.toNaiveMs(123), 123);
  t.equal(time.offsetAtNaiveMs(123), 0);
});

t.test('in Berlin summer is two hours ahead and winter one', async (t) => {
  const time = naiveTime('Europe/Berlin');
  t.equal(time.toNaiveMs(Date.UTC(2026, 6, 1)) - Date.UTC(2026, 6, 1), 2 * HOUR_MS);
  t.equal(time.toNaiveMs(Date.UTC(2026, 0, 1)) - Date.UTC(2026, 0, 1), HOUR_MS);
});

t.test('the hour that comes twice is the first, the hour left out is as before it', async (t) => {
  const time = naiveTime('Europe/Berlin');
  t.equal(time.offsetAtNaiveMs(Date.UTC(2026, 9, 25, 2, 30)), 2 * HOUR_MS);
  t.equal(time.offsetAtNaiveMs(Date.UTC(2026, 2, 29, 2, 30)), HOUR_MS);
});

t.test('there and back is the same instant, but for the hour that comes twice', async (t) => {
  for (const zone of [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
  ]) {
    const time = naiveTime(zone);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1980), max: Date.UTC(2040) }), (ms) => {
        const naiveMs = time.toNaiveMs(ms);
        const backMs = naiveMs - time.offsetAtNaiveMs(naiveMs);
        return backMs === ms || time.toNaiveMs(backMs) === naiveMs;
      }),
      { numRuns: 2000 },
    );
  }
  t.pass('held');
});

t.test('more quarter hours than are kept: the answers stay right', async (t) => {
  const time = naiveTime('Asia/Tokyo');
  for (let quarter = 0; quarter < 10_500; quarter++) time.toNaiveMs(quarter * 15 * MINUTE_MS);
  t.equal(time.toNaiveMs(1), 1 + 9 * HOUR_MS);
});
