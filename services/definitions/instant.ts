const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIMESTAMP =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,3})0*)?([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

const FIRST_INSTANT_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether a text is YYYY-MM-DD and that day exists, in the years 0001 to 9999. */
export function isDate(text: string): boolean {
  const [, year = '0', month = '0', day = '0'] = DATE.exec(text) ?? [];
  if (year === '0000') return false;
  return Number(day) >= 1 && Number(day) <= daysInMonth(Number(year), Number(month));
}

/** An RFC 3339 text in ms since 1970; null when it is none, finer than a millisecond, or outside the years 0001 to 9999 in UTC. */
export function parseInstant(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (!match) return null;
  const [, date = '', hour = '', minute = '', second = '', fraction = '', offset = ''] = match;
  if (!isDate(date)) return null;
  const utcMs = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`);
  const ms = utcMs - offsetMs(offset);
  return isRepresentable(ms) ? ms : null;
}

/** The one spelling of an instant: UTC, with a fraction only where there is one. */
export function formatInstant(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text.replace(/0*Z$/, 'Z');
}

/** Whether an instant lies in the years 0001 to 9999. */
export function isRepresentable(ms: number): boolean {
  return ms >= FIRST_INSTANT_MS && ms <= LAST_INSTANT_MS;
}

function offsetMs(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const sign = offset.startsWith('-') ? -1 : 1;
  return sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))) * 60_000;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
