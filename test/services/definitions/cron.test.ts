import t from 'tap';
import { cronFaults, nextCronMs } from '../../../services/definitions/cron.js';

const at = (text: string) => Date.parse(text);
const next = (schedule: string, timezone: string, after: string): string | null => {
  const ms = nextCronMs({ schedule, timezone }, at(after));
  return ms === null ? null : new Date(ms).toISOString();
};

t.test('a schedule names instants of its zone, never the one it is asked after', async (t) => {
  t.equal(next('30 6 * * 1-5', 'UTC', '2026-11-20T06:29:59.999Z'), '2026-11-20T06:30:00.000Z');
  t.equal(
    next('30 6 * * 1-5', 'UTC', '2026-11-20T06:30:00.000Z'),
    '2026-11-23T06:30:00.000Z',
    'over the weekend',
  );
  t.equal(next('30 6 * * *', 'Europe/Berlin', '2026-11-20T00:00:00Z'), '2026-11-20T05:30:00.000Z');
  t.equal(next('30 6 * * *', 'Europe/Berlin', '2026-07-20T00:00:00Z'), '2026-07-20T04:30:00.000Z');
});

t.test('given the hour that summer time skips or repeats, a fixed time comes once', async (t) => {
  // 2026-03-29: from 02:00 to 03:00; 2026-10-25: 03:00 becomes 02:00 again.
  t.equal(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z'), '2026-03-29T01:00:00.000Z');
  t.equal(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z'), '2026-10-25T00:30:00.000Z');
  t.equal(next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z'), '2026-10-26T01:30:00.000Z');
});

t.test('a day that never comes is no instant', async (t) => {
  t.equal(next('0 6 31 2 *', 'UTC', '2026-01-01T00:00:00Z'), null);
});

t.test('each field that means nothing is named, with its place', async (t) => {
  t.same(cronFaults('30 6 * * 1-5'), []);
  t.same(cronFaults('60 6  *  * MOND'), [
    { field: 'minute', text: '60', offset: 0 },
    { field: 'day of the week', text: 'MOND', offset: 11 },
  ]);
});
