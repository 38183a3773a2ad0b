import { daysOfDate, isoDate, isoDuration, isoInstant } from '../iso-text.js';
import type { NaiveTime } from '../naive-time.js';

const DAY_MS = 86_400_000;
const DATE_TIME =
  /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?)?( BC)?$/;
const INTERVAL =
  /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-])?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** YYYY-MM-DD of a date as PostgreSQL writes it; null for the infinite ones, which have no spelling in JSON. */
export function dateText(text: string): string | null {
  const parts = DATE_TIME.exec(text);
  return parts ? isoDate(daysOf(parts)) : null;
}

/**
 * RFC 3339 in UTC of a timestamp as PostgreSQL writes it, with microseconds; null for the infinite ones. One without an offset
 * is meant in the zone of `time`.
 */
export function instantText(text: string, time: NaiveTime): string | null {
  const parts = DATE_TIME.exec(text);
  if (!parts) return null;
  const [hours, minutes, seconds] = [parts[4], parts[5], parts[6]].map(Number);
  const micros = Number((parts[7] ?? '').padEnd(6, '0'));
  const ofDayMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  const wallMs = daysOf(parts) * DAY_MS + ofDayMs + Math.floor(micros / 1000);
  const offsetMs = parts[8] === undefined ? time.offsetAtNaiveMs(wallMs) : writtenOffsetMs(parts);
  return isoInstant(wallMs - offsetMs, (micros % 1000) * 1000);
}

/** ISO 8601 of an interval in PostgreSQL's own style; null for the infinite ones. */
export function durationText(text: string): string | null {
  const parts = INTERVAL.exec(text);
  if (!parts) return null;
  const [years, months, days] = [parts[1], parts[2], parts[3]].map((part) => Number(part ?? 0));
  const seconds = (BigInt(parts[5] ?? 0) * 60n + BigInt(parts[6] ?? 0)) * 60n + BigInt(parts[7] ?? 0);
  const micros = seconds * 1_000_000n + BigInt((parts[8] ?? '').padEnd(6, '0'));
  return isoDuration(Number(years) * 12 + Number(months), Number(days), parts[4] === '-' ? -micros : micros);
}

/** A date or timestamp in ISO 8601 as PostgreSQL reads it, which knows no year 0 and no sign. */
export function postgresTime(isoText: string): string {
  const [, year = '', rest = ''] = /^([+-]?\d+)(.*)$/s.exec(isoText) ?? [];
  const number = Number(year);
  const digits = String(number > 0 ? number : 1 - number).padStart(4, '0');
  return `${digits}${rest.replace(/Z$/, '')}${number > 0 ? '' : ' BC'}`;
}

/** The year before 1 is 1 BC. */
function daysOf(parts: RegExpExecArray): number {
  const year = Number(parts[1]);
  return daysOfDate(parts[12] === undefined ? year : 1 - year, Number(parts[2]), Number(parts[3]));
}

function writtenOffsetMs(parts: RegExpExecArray): number {
  const [hours, minutes, seconds] = [parts[9], parts[10], parts[11]].map((part) => Number(part ?? 0));
  const offsetMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return parts[8] === '-' ? -offsetMs : offsetMs;
}
