import t from 'tap';
import { formatLabel, formatValue } from '../../../web/dashboard/format-value.js';

t.test('a label is a name, though it be a number: years have no thousands', async (t) => {
  t.same([1990, '1990', 2.5, 'AK', '', null].map(formatLabel), ['1990', '1990', '2.5', 'AK', '', '–']);
  t.equal(formatLabel('2026-01-31'), '31 Jan 2026');
  t.equal(formatLabel('2026-01-31T10:30:00Z'), '31 Jan 2026, 10:30');
  t.equal(formatValue(1990), '1,990', 'an amount has');
});

t.test('values are shown as their definition says', async (t) => {
  t.equal(formatValue(40545276, { format: 'currency', unit: 'USD', digits: 0 }), 'US$40,545,276');
  t.equal(formatValue('12345678901234567890.5', { format: 'text' }), '12345678901234567890.5');
  t.equal(formatValue(96.66, { format: 'percent', digits: 1 }), '96.7 %');
  t.equal(formatValue(1_810, { format: 'bytes' }), '1.8 kB');
  t.equal(formatValue(true), 'yes');
  t.equal(formatValue(null), '–');
});
