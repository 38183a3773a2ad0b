import fc from 'fast-check';
import t from 'tap';
import { Temporal } from 'temporal-polyfill';
import { nextBoundary, parseAlignment } from '../../../services/definitions/alignment.js';
import { formatInstant, parseInstant } from '../../../services/definitions/instant.js';
import { previousInterval, resolvePeriod } from '../../../services/definitions/period.js';

const UTC = { maximum: null, align: '1h', timezone: 'UTC' };
const BERLIN = { maximum: null, align: '1d', timezone: 'Europe/Berlin' };

const at = (text: string): number => {
  const ms = parseInstant(text);
  if (ms === null) throw new Error(`${text} is no instant`);
  return ms;
};

/** `start/end` of a period as its zone's clocks show it. */
function local(text: string, rules: typeof UTC, now: string): string {
  const period = resolvePeriod(text, rules, at(now));
  if ('fault' in period) return period.fault;
  return [period.startMs, period.endMs].map((ms) => shown(ms, rules.timezone)).join('/');
}

function shown(ms: number, timezone: string): string {
  const wall = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone);
  return wall.toString({ timeZoneName: 'never' }).replace(/:00([+-])/, '$1');
}

t.test('a relative period ends at the next boundary, and goes back by the calendar', async (t) => {
  const cases: [string, Partial<typeof UTC>, string, string][] = [
    ['24h', {}, '2026-06-15T12:34:56Z', '2026-06-14T13:00+00:00/2026-06-15T13:00+00:00'],
    ['24h', {}, '2026-06-15T13:00:00Z', '2026-06-14T14:00+00:00/2026-06-15T14:00+00:00'],
    ['30d', { align: '1d' }, '2026-06-15T12:00:00Z', '2026-05-17T00:00+00:00/2026-06-16T00:00+00:00'],
    ['8w', { align: '1w' }, '2026-06-17T12:00:00Z', '2026-04-27T00:00+00:00/2026-06-22T00:00+00:00'],
    ['1w', { align: '1w' }, '2026-06-15T00:00:00Z', '2026-06-15T00:00+00:00/2026-06-22T00:00+00:00'],
    ['1w', { align: '1w' }, '2026-06-14T23:59:59Z', '2026-06-08T00:00+00:00/2026-06-15T00:00+00:00'],
    ['3mo', { align: '1mo' }, '2026-06-15T12:00:00Z', '2026-04-01T00:00+00:00/2026-07-01T00:00+00:00'],
    ['3mo', { align: '3mo' }, '2026-05-15T12:00:00Z', '2026-04-01T00:00+00:00/2026-07-01T00:00+00:00'],
    ['12mo', { align: '12mo' }, '2026-12-31T23:00:00Z', '2026-01-01T00:00+00:00/2027-01-01T00:00+00:00'],
    ['1mo', { align: '1d' }, '2026-03-30T12:00:00Z', '2026-02-28T00:00+00:00/2026-03-31T00:00+00:00'],
    ['2h', { align: '5m' }, '2026-06-15T12:34:56Z', '2026-06-15T10:35+00:00/2026-06-15T12:35+00:00'],
    ['2h', { align: '60m' }, '2026-06-15T23:34:56Z', '2026-06-15T22:00+00:00/2026-06-16T00:00+00:00'],
    ['1d', { align: '6h' }, '2026-06-15T19:00:00Z', '2026-06-15T00:00+00:00/2026-06-16T00:00+00:00'],
    [
      '1h',
      { timezone: 'Asia/Kolkata' },
      '2026-06-15T12:34:56Z',
      '2026-06-15T18:00+05:30/2026-06-15T19:00+05:30',
    ],
  ];
  for (const [text, rules, now, expected] of cases)
    t.equal(local(text, { ...UTC, ...rules }, now), expected, `${text} ${JSON.stringify(rules)} at ${now}`);
});

t.test('days are days of the calendar, whatever the clocks do', async (t) => {
  const cases: [string, Partial<typeof UTC>, string, string][] = [
    // Set forward on 29 March, set back on 25 October 2026.
    ['1d', {}, '2026-03-29T10:00:00Z', '2026-03-29T00:00+01:00/2026-03-30T00:00+02:00'],
    ['30d', {}, '2026-04-10T10:00:00Z', '2026-03-12T00:00+01:00/2026-04-11T00:00+02:00'],
    ['1d', {}, '2026-10-25T10:00:00Z', '2026-10-25T00:00+02:00/2026-10-26T00:00+01:00'],
    ['24h', {}, '2026-10-25T10:00:00Z', '2026-10-25T01:00+02:00/2026-10-26T00:00+01:00'],
    ['1d', { align: '1h' }, '2026-03-29T10:20:00Z', '2026-03-28T13:00+01:00/2026-03-29T13:00+02:00'],
    // 02:30 comes twice: each hour of the day that has 25 ends at its own boundary.
    ['1h', { align: '1h' }, '2026-10-25T00:30:00Z', '2026-10-25T02:00+02:00/2026-10-25T02:00+01:00'],
    ['1h', { align: '1h' }, '2026-10-25T01:30:00Z', '2026-10-25T02:00+01:00/2026-10-25T03:00+01:00'],
    ['1h', { align: '30m' }, '2026-10-25T00:40:00Z', '2026-10-25T02:00+02:00/2026-10-25T02:00+01:00'],
    ['6h', { align: '6h' }, '2026-10-25T01:30:00Z', '2026-10-25T01:00+02:00/2026-10-25T06:00+01:00'],
    // Midnight itself is skipped in Cairo on 24 April 2026: that day begins at one o'clock.
    [
      '1d',
      { timezone: 'Africa/Cairo' },
      '2026-04-24T10:00:00Z',
      '2026-04-24T01:00+03:00/2026-04-25T00:00+03:00',
    ],
    [
      '1d',
      { timezone: 'Africa/Cairo' },
      '2026-04-23T10:00:00Z',
      '2026-04-23T00:00+02:00/2026-04-24T01:00+03:00',
    ],
    [
      '7d',
      { timezone: 'Africa/Cairo' },
      '2026-04-23T10:00:00Z',
      '2026-04-17T00:00+02:00/2026-04-24T01:00+03:00',
    ],
    // Half an hour at Lord Howe.
    [
      '1h',
      { align: '1h', timezone: 'Australia/Lord_Howe' },
      '2026-10-03T15:15:00Z',
      '2026-10-04T01:30+10:30/2026-10-04T03:00+11:00',
    ],
    // Samoa had no 30 December 2011.
    [
      '2d',
      { timezone: 'Pacific/Apia' },
      '2011-12-30T20:00:00Z',
      '2011-12-31T00:00+14:00/2012-01-01T00:00+14:00',
    ],
  ];
  for (const [text, rules, now, expected] of cases) {
    const actual = local(text, { ...BERLIN, ...rules }, now);
    t.equal(actual, expected, `${text} ${JSON.stringify(rules)} at ${now}`);
  }
});

t.test('an explicit period is from its start up to, but without, its end', async (t) => {
  const now = '2026-06-15T12:00:00Z';
  t.equal(local('2026-03-29/2026-03-30', BERLIN, now), '2026-03-29T00:00+01:00/2026-03-30T00:00+02:00');
  t.equal(
    local('2026-01-01T00:00:00Z/2026-01-02', BERLIN, now),
    '2026-01-01T01:00+01:00/2026-01-02T00:00+01:00',
  );
  t.match(local('2026-01-02/2026-01-01', BERLIN, now), /end after it starts/);
  t.match(local('2026-01-02/2026-01-02', BERLIN, now), /end after it starts/);
  t.match(local('2026-01-02', BERLIN, now), /must be a period such as/);
  t.match(local('99999mo', BERLIN, now), /years 0001 to 9999/);
  t.match(
    local('0001-01-01/2026-01-01', BERLIN, now),
    /years 0001 to 9999/,
    'midnight in Berlin is still the year 0 in UTC',
  );
});

t.test('a maximum is a length of the calendar', async (t) => {
  const now = '2026-06-15T12:00:00Z';
  const cases: [string, string, boolean][] = [
    ['366d', '366d', true],
    ['367d', '366d', false],
    ['12mo', '366d', true],
    ['3mo', '3mo', true],
    ['2026-02-28/2026-05-31', '3mo', true],
    ['2026-02-27/2026-05-31', '3mo', false],
    ['2026-03-29/2026-03-30', '1d', true],
    ['2026-10-25/2026-10-26', '1d', true],
    ['2026-10-25/2026-10-26', '24h', false],
    ['2026-10-25T00:00:00+02:00/2026-10-26T00:00:01+01:00', '1d', false],
  ];
  for (const [text, maximum, fits] of cases) {
    const period = resolvePeriod(text, { ...BERLIN, maximum }, at(now));
    t.equal(!('fault' in period), fits, `${text} within ${maximum}`);
  }
});

t.test('the period before has the same length by the calendar', async (t) => {
  const cases: [string, string, string][] = [
    // Days, over a change of clocks.
    ['2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', '2026-03-28T00:00+01:00'],
    ['2026-04-05T00:00:00+02:00', '2026-04-12T00:00:00+02:00', '2026-03-29T00:00+01:00'],
    ['2026-03-29T10:00:00+02:00', '2026-03-30T10:00:00+02:00', '2026-03-28T10:00+01:00'],
    // Whole months.
    ['2026-03-01T00:00:00+01:00', '2026-04-01T00:00:00+02:00', '2026-02-01T00:00+01:00'],
    ['2026-01-01T00:00:00+01:00', '2027-01-01T00:00:00+01:00', '2025-01-01T00:00+01:00'],
    // Neither: the same duration.
    ['2026-03-29T00:00:00+01:00', '2026-03-29T12:00:00+02:00', '2026-03-28T13:00+01:00'],
  ];
  for (const [start, end, previous] of cases) {
    const before = previousInterval({ startMs: at(start), endMs: at(end) }, 'Europe/Berlin');
    t.equal(shown(before.startMs, 'Europe/Berlin'), previous, `${start}/${end}`);
    t.equal(before.endMs, at(start), 'it ends where the other starts');
  }
});

t.test('only steps that meet the ends of hours, days and years are alignments', async (t) => {
  for (const text of ['1m', '5m', '15m', '60m', '1h', '6h', '24h', '1d', '1w', '1mo', '3mo', '12mo'])
    t.ok(parseAlignment(text), text);
  for (const text of ['7m', '90m', '5h', '48h', '2d', '2w', '5mo', '24mo', '0d', '1s', 'd', '', '1y', '1.5h'])
    t.equal(parseAlignment(text), null, text);
});

const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Havana',
  'Africa/Cairo',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
);
const align = fc.constantFrom('1m', '5m', '30m', '1h', '6h', '24h', '1d', '1w', '1mo', '3mo');
const changesOfClocks = [
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-10-03T15:30:00Z',
  '2026-04-23T22:00:00Z',
  '2026-11-01T05:00:00Z',
  '2006-10-29T02:31:00Z',
  '2018-02-18T02:00:00Z',
];
const now = fc.oneof(
  fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) }),
  fc
    .tuple(fc.constantFrom(...changesOfClocks), fc.integer({ min: -7_500_000, max: 7_500_000 }))
    .map(([text, ms]) => at(text) + ms),
);

t.test(
  'in the first minute of a day that begins twice, the second beginning is the next boundary',
  async (t) => {
    const alignment = parseAlignment('1d');
    if (!alignment) throw new Error('1d is an alignment');
    // At 00:01 the clock went back to 23:01 of the day before.
    const boundary = nextBoundary(alignment, 'America/St_Johns', at('2006-10-29T02:30:59.999Z'));
    t.equal(boundary, at('2006-10-29T03:30:00Z'));
  },
);

t.test('whoever asks between two boundaries gets the same one, and it lies ahead', async () => {
  fc.assert(
    fc.property(
      zone,
      align,
      now,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (timezone, text, nowMs, part) => {
        const alignment = parseAlignment(text);
        if (!alignment) return false;
        const boundary = nextBoundary(alignment, timezone, nowMs);
        const between = nowMs + Math.floor((boundary - nowMs) * part);
        return (
          boundary > nowMs &&
          nextBoundary(alignment, timezone, between) === boundary &&
          nextBoundary(alignment, timezone, boundary - 1) === boundary &&
          nextBoundary(alignment, timezone, boundary) > boundary
        );
      },
    ),
    { numRuns: 5000 },
  );
});

t.test('equal instants have equal periods before them, however they were asked for', async () => {
  const length = fc
    .tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom('h', 'd', 'w', 'mo'))
    .map(([count, unit]) => `${count}${unit}`);
  fc.assert(
    fc.property(zone, align, length, now, (timezone, alignText, text, nowMs) => {
      const rules = { maximum: null, align: alignText, timezone };
      const relative = resolvePeriod(text, rules, nowMs);
      if ('fault' in relative) return false;
      const explicit = resolvePeriod(relative.canonical, rules, 0);
      const again = resolvePeriod(text, rules, nowMs);
      return (
        JSON.stringify(explicit) === JSON.stringify(relative) &&
        again === relative &&
        relative.startMs < relative.endMs
      );
    }),
    { numRuns: 2000 },
  );
});

t.test('an instant written is the instant read', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: at('0001-01-01T00:00:00Z'), max: at('9999-12-31T23:59:59.999Z') }),
      (ms) => {
        const text = formatInstant(ms);
        return parseInstant(text) === ms && !/\.\d*0Z$/.test(text);
      },
    ),
  );
});
