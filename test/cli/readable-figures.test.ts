import t from 'tap';
import {
  counted,
  readableBytes,
  readableCount,
  readableDuration,
  readableMoment,
  readablePercent,
} from '../../cli/readable-figures.js';

t.test('counts have separators from five digits on', async (t) => {
  t.same([0, 2800, 12_345, 1_234_567].map(readableCount), ['0', '2800', '12,345', '1,234,567']);
  t.equal(counted(1, 'panel'), '1 panel');
  t.equal(counted(0, 'panel'), '0 panels');
  t.equal(counted(1, 'entry', 'entries'), '1 entry');
  t.equal(counted(20_000, 'entry', 'entries'), '20,000 entries');
});

t.test('a percentage keeps two digits', async (t) => {
  t.same([0, 75, 94.44, 99.996].map(readablePercent), ['0 %', '75 %', '94.44 %', '100 %']);
});

t.test('bytes are told with three figures, and never as 1000 of a unit', async (t) => {
  t.same([0, 812, 999, 1000, 1234, 999_499, 999_500, 268_435_456, 4e9, 5e15].map(readableBytes), [
    '0 B',
    '812 B',
    '999 B',
    '1 kB',
    '1.23 kB',
    '999 kB',
    '1 MB',
    '268 MB',
    '4 GB',
    '5,000 TB',
  ]);
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

t.test('durations have two units at most, and roll over at each', async (t) => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [0, '0 s'],
    [0.042, '0.042 ms'],
    [1.34, '1.3 ms'],
    [250.4, '250 ms'],
    [999.6, '1 s'],
    [1500, '1.5 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [12_000, '12 s'],
    [59_700, '1 min'],
    [4 * MINUTE + 30 * SECOND, '4 min 30 s'],
    [HOUR, '1 h'],
    [HOUR + 5 * SECOND, '1 h'],
    [2 * DAY + 3 * HOUR + 59 * MINUTE, '2 d 3 h'],
    [20_000 * DAY, '20,000 d'],
  ];
  for (const [ms, text] of cases) t.equal(readableDuration(ms), text, String(ms));
});

t.test('a moment is told as seen from now', async (t) => {
  t.equal(readableMoment(-12_900), '12 s ago');
  t.equal(readableMoment(4 * MINUTE), 'in 4 min');
  t.equal(readableMoment(1000), 'in 1 s');
  t.equal(readableMoment(-999), 'now');
  t.equal(readableMoment(0), 'now');
});
