import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';
import { nextBoundary, parseAlignment } from './alignment.js';
import { formatInstant, isDate, isRepresentable, parseInstant } from './instant.js';

/** From `startMs` up to, but without, `endMs`. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

export interface PeriodRules {
  /** Longest allowed period, e.g. 366d; null without. */
  readonly maximum: string | null;
  /** What relative periods end on, e.g. 1d. */
  readonly align: string;
  readonly timezone: string;
}

export interface ResolvedPeriod extends Interval {
  /** `start/end` in UTC: the one spelling of these instants. */
  readonly canonical: string;
  /** The period before it; null where that would begin before the year 1. */
  readonly previous: Interval | null;
}

/** A length as people write it: 24h, 30d, 8w, 3mo. */
export interface PeriodLength {
  readonly count: number;
  readonly unit: 'h' | 'd' | 'w' | 'mo';
}

export const PERIOD_ACCEPTS = 'a period such as 24h, 30d, 8w, 3mo or 2026-01-01/2026-02-01 (end exclusive)';

/** The length of a relative period; null when the text is none. */
export function parseLength(text: string): PeriodLength | null {
  const match = /^([1-9][0-9]{0,4})(h|d|w|mo)$/.exec(text);
  return match ? { count: Number(match[1]), unit: match[2] as PeriodLength['unit'] } : null;
}

/** Readers ask for the same few periods again and again, and a calendar costs more than the rest of a hit. */
const known = new LRUCache<string, { fromMs: number; untilMs: number; period: ResolvedPeriod }>({
  max: 1000,
});

/** The instants that a period means now, or a sentence that says what is wrong with it. */
export function resolvePeriod(
  text: string,
  rules: PeriodRules,
  nowMs: number,
): ResolvedPeriod | { fault: string } {
  const question = JSON.stringify([text, rules.maximum, rules.align, rules.timezone]);
  const answer = known.get(question);
  if (answer && answer.fromMs <= nowMs && nowMs < answer.untilMs) return answer.period;
  const period = compute(text, rules, nowMs);
  if ('fault' in period) return period;
  const untilMs = meantUntilMs(text, period);
  const fromMs = untilMs === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : nowMs;
  known.set(question, { fromMs, untilMs, period });
  return period;
}

/** Until when a text means these instants: a relative one until its end, which is the next boundary; an explicit one always. */
export function meantUntilMs(text: string, { endMs }: Interval): number {
  return parseLength(text) ? endMs : Number.POSITIVE_INFINITY;
}

function compute(text: string, rules: PeriodRules, nowMs: number): ResolvedPeriod | { fault: string } {
  const length = parseLength(text);
  const interval = length ? relativeInterval(length, rules, nowMs) : explicitInterval(text, rules.timezone);
  if (interval === null) return { fault: `must be ${PERIOD_ACCEPTS}` };
  const { startMs, endMs } = interval;
  if (endMs <= startMs) return { fault: 'must end after it starts' };
  if (!isRepresentable(startMs) || !isRepresentable(endMs))
    return { fault: 'must lie in the years 0001 to 9999' };
  if (isLongerThan(interval, rules)) return { fault: `must not be longer than ${rules.maximum}` };
  const previous = previousInterval(interval, rules.timezone);
  return {
    startMs,
    endMs,
    canonical: `${formatInstant(startMs)}/${formatInstant(endMs)}`,
    previous: isRepresentable(previous.startMs) ? previous : null,
  };
}

/**
 * The period before, found from the resolved instants alone: equal instants share one key, so they must share this too.
 * Whole calendar months are compared with as many months, other spans between equal times of day with as many days, the rest
 * with the same duration.
 */
export function previousInterval({ startMs, endMs }: Interval, timezone: string): Interval {
  const start = zoned(startMs, timezone);
  const end = zoned(endMs, timezone);
  const sameTime = isStartOfDay(start) ? isStartOfDay(end) : start.toPlainTime().equals(end.toPlainTime());
  if (!sameTime) return { startMs: startMs - (endMs - startMs), endMs: startMs };
  const firstDate = start.toPlainDate();
  const wholeMonths = isStartOfDay(start) && firstDate.day === 1 && end.day === 1;
  const largestUnit = wholeMonths ? 'months' : 'days';
  const length = firstDate.until(end.toPlainDate(), { largestUnit });
  return { startMs: back(start, length), endMs: startMs };
}

function relativeInterval(length: PeriodLength, rules: PeriodRules, nowMs: number): Interval | null {
  const alignment = parseAlignment(rules.align);
  if (!alignment) return null;
  const endMs = nextBoundary(alignment, rules.timezone, nowMs);
  return { startMs: startOf(length, zoned(endMs, rules.timezone)), endMs };
}

function startOf({ count, unit }: PeriodLength, end: Temporal.ZonedDateTime): number {
  if (unit === 'h') return end.epochMilliseconds - count * 3_600_000;
  const key = ({ d: 'days', w: 'weeks', mo: 'months' } as const)[unit];
  return back(end, Temporal.Duration.from({ [key]: count }));
}

/** Calendar days keep the time of day over a change of clocks; the start of a day stays one even where midnight is skipped. */
function back(from: Temporal.ZonedDateTime, length: Temporal.Duration): number {
  try {
    const earlier = isStartOfDay(from)
      ? from.toPlainDate().subtract(length).toZonedDateTime(from.timeZoneId)
      : from.subtract(length);
    return earlier.epochMilliseconds;
  } catch (error) {
    // Beyond the calendar of Temporal, and so far beyond the year 1.
    if (error instanceof RangeError) return Number.NEGATIVE_INFINITY;
    throw error;
  }
}

function explicitInterval(text: string, timezone: string): Interval | null {
  const parts = text.split('/');
  const [startMs, endMs] = parts.map((part) => boundOf(part, timezone));
  if (parts.length !== 2 || startMs == null || endMs == null) return null;
  return { startMs, endMs };
}

function boundOf(text: string, timezone: string): number | null {
  if (!isDate(text)) return parseInstant(text);
  return Temporal.PlainDate.from(text).toZonedDateTime(timezone).epochMilliseconds;
}

function isLongerThan({ startMs, endMs }: Interval, { maximum, timezone }: PeriodRules): boolean {
  const length = maximum === null ? null : parseLength(maximum);
  return length !== null && startMs < startOf(length, zoned(endMs, timezone));
}

function isStartOfDay(instant: Temporal.ZonedDateTime): boolean {
  return instant.equals(instant.startOfDay());
}

function zoned(ms: number, timezone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone);
}
