import fc from 'fast-check';
import t from 'tap';
import { naiveTime } from '../../../../services/sources/naive-time.js';
import {
  durationText,
  instantText,
  postgresTime,
} from '../../../../services/sources/postgres/instant-text.js';

const UTC = naiveTime('UTC');

t.test('an instant bound and read again is the same', async (t) => {
  const instant = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instant, (date) => {
      const iso = date.toISOString();
      // What is bound has a T, what is read a space.
      const read = instantText(postgresTime(iso).replace('T', ' '), UTC);
      return read !== null && Date.parse(read) === date.getTime();
    }),
    { numRuns: 3000 },
  );
  t.pass('held');
});

t.test('offsets with minutes and seconds, as zones had them', async (t) => {
  t.equal(instantText('2026-01-02 03:04:05+05:30', UTC), '2026-01-01T21:34:05Z');
  t.equal(instantText('1890-01-01 00:53:28+00:53:28', UTC), '1890-01-01T00:00:00Z');
  t.equal(instantText('2026-01-01 00:00:00-03:30', UTC), '2026-01-01T03:30:00Z');
});

t.test('parts of an interval keep their signs', async (t) => {
  t.equal(durationText('-1 years +2 mons -3 days +04:05:06.7'), 'P-10M-3DT4H5M6.7S');
  t.equal(durationText('00:00:00'), 'PT0S');
  t.equal(durationText('infinity'), null);
});
