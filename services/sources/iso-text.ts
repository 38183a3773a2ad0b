const DAY_MS = 86_400_000;
const DAYS_PER_ERA = 146_097;

/**
 * YYYY-MM-DD of a day counted from 1970-01-01. Years outside 0000 to 9999 have six digits and a sign, as ISO 8601 extends
 * them. Not by Date, whose range ends long before a database's.
 */
export function isoDate(days: number): string {
  // Howard Hinnant's civil_from_days: eras of 400 years that begin on 1 March.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${isoYear(year)}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** The day counted from 1970-01-01 of a date of the same calendar: the reverse of isoDate. */
export function daysOfDate(year: number, month: number, day: number): number {
  // Howard Hinnant's days_from_civil.
  const fromMarch = month > 2 ? year : year - 1;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - 719_468;
}

/** RFC 3339 in UTC of an instant in ms and the nanoseconds beyond them; the fraction only as long as it needs to be. */
export function isoInstant(ms: number, nanos: number): string {
  const days = Math.floor(ms / DAY_MS);
  const ofDayMs = ms - days * DAY_MS;
  const seconds = Math.floor(ofDayMs / 1000);
  const fraction = fractionText((ofDayMs % 1000) * 1_000_000 + nanos, 9);
  return `${isoDate(days)}T${twoDigits(Math.floor(seconds / 3600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}${fraction}Z`;
}

/** `.5` of 500 with 3 digits, empty for 0. */
export function fractionText(value: number, digits: number): string {
  return value === 0 ? '' : `.${String(value).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** ISO 8601 duration. Each of the three parts keeps its own sign, because a month has no fixed number of days. */
export function isoDuration(months: number, days: number, micros: bigint): string {
  const date = part(Math.trunc(months / 12), 'Y') + part(months % 12, 'M') + part(days, 'D');
  const seconds = micros / 1_000_000n;
  const ofMinute = Number(seconds % 60n);
  const fraction = fractionText(Math.abs(Number(micros % 1_000_000n)), 6);
  const time =
    part(Number(seconds / 3600n), 'H') +
    part(Number((seconds / 60n) % 60n), 'M') +
    (ofMinute === 0 && fraction === '' ? '' : `${micros < 0n ? '-' : ''}${Math.abs(ofMinute)}${fraction}S`);
  if (date === '' && time === '') return 'PT0S';
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

function part(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`;
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
