import t from 'tap';
import { formatDuration, parseDuration, parseSize } from '../../../services/definitions/duration.js';

t.test('a duration is a number with a unit', async (t) => {
  const cases: [string, number | null][] = [
    ['250ms', 250],
    ['5m', 300_000],
    ['300s', 300_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['1.5h', 5_400_000],
    ['0.3s', 300],
    ['0s', 0],
    ['300', null],
    ['5 m', null],
    ['05m', null],
    ['-5m', null],
    ['1.5ms', null],
    ['5M', null],
    ['1w', null],
    ['', null],
    ['999999999999d', null],
  ];
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, text);
});

t.test('a size is a number of bytes or has a unit', async (t) => {
  const cases: [string, number | null][] = [
    ['1024', 1024],
    ['4 MiB', 4_194_304],
    ['4mib', 4_194_304],
    ['500kB', 500_000],
    ['1.5 KiB', 1536],
    ['2 GB', 2_000_000_000],
    ['10 B', 10],
    ['4 MX', null],
    ['much', null],
  ];
  for (const [text, bytes] of cases) t.equal(parseSize(text), bytes, text);
});

t.test('a duration is written in its largest whole unit', async (t) => {
  for (const text of ['0s', '250ms', '5m', '90s', '1h', '366d'])
    t.equal(formatDuration(parseDuration(text) ?? -1), text);
});
