import type { CellValue, ValueStyle } from './model.js';

const NOTHING = '–';

/** A value for people, as its definition says; large integers and exact decimals come as text. */
export function formatValue(value: CellValue | undefined, style: ValueStyle = {}): string {
  if (value === null || value === undefined) return NOTHING;
  const { format, unit, digits } = style;
  const number = typeof value === 'number' ? value : Number(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (format === 'date' || format === 'text' || value === '' || !Number.isFinite(number))
    return dateOrText(String(value), format);
  const fraction =
    digits === null || digits === undefined
      ? {}
      : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (format === 'currency' && unit)
    return new Intl.NumberFormat('en-GB', { style: 'currency', currency: unit, ...fraction }).format(number);
  if (format === 'bytes') return bytes(number);
  const text = new Intl.NumberFormat('en-GB', {
    maximumFractionDigits: format === 'integer' ? 0 : 2,
    ...fraction,
  }).format(number);
  if (format === 'percent') return `${text} %`;
  return unit ? `${text} ${unit}` : text;
}

/** What a row or point is called: a year is no amount. */
export function formatLabel(value: CellValue | undefined): string {
  return typeof value === 'number' || typeof value === 'string'
    ? dateOrText(String(value), null)
    : formatValue(value);
}

/** As the title says, else the column's name in words. */
export function titleOf(name: string, style: ValueStyle | undefined): string {
  const words = name.replaceAll('_', ' ');
  return style?.title ?? words.charAt(0).toUpperCase() + words.slice(1);
}

function dateOrText(text: string, format: string | null | undefined): string {
  if (format === 'text' || !/^\d{4}-\d{2}-\d{2}(T|$)/.test(text) || Number.isNaN(Date.parse(text)))
    return text;
  const date = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeZone: 'UTC',
    ...(text.includes('T') && !text.endsWith('T00:00:00Z') && { timeStyle: 'short' }),
  });
  return date.format(new Date(text));
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  return `${new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 }).format(count / 1000 ** power)} ${UNITS[power]}`;
}
