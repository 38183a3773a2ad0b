import { Temporal } from 'temporal-polyfill';

/** What relative periods end on: a whole number of minutes of the day, or of months of the year; a day; a week. */
export type Alignment =
  | { readonly unit: 'minutes'; readonly count: number }
  | { readonly unit: 'days' | 'weeks' }
  | { readonly unit: 'months'; readonly count: number };

const MINUTES_PER_DAY = 1440;

export const ALIGN_ACCEPTS =
  '1m to 60m in steps that divide an hour, 1h to 24h in steps that divide a day, 1d, 1w, or 1mo to 12mo in steps that divide a year';

/** Null when the text is no alignment, or its steps would not meet the ends of hours, days or years. */
export function parseAlignment(text: string): Alignment | null {
  const match = /^([1-9][0-9]{0,3})(m|h|d|w|mo)$/.exec(text);
  if (!match) return null;
  const count = Number(match[1]);
  switch (match[2]) {
    case 'm':
      return 60 % count === 0 ? { unit: 'minutes', count } : null;
    case 'h':
      return 24 % count === 0 ? { unit: 'minutes', count: count * 60 } : null;
    case 'mo':
      return 12 % count === 0 ? { unit: 'months', count } : null;
    default:
      return count === 1 ? { unit: match[2] === 'd' ? 'days' : 'weeks' } : null;
  }
}

/** The first boundary after `nowMs`, in ms: whoever asks between two boundaries gets the same one. */
export function nextBoundary(alignment: Alignment, timezone: string, nowMs: number): number {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone);
  const today = now.toPlainDate();
  switch (alignment.unit) {
    case 'minutes':
      return nextStepOfDay(now, alignment.count);
    case 'days':
      return nextStartOf([today, today.add({ days: 1 })], now);
    case 'weeks': {
      const monday = today.subtract({ days: today.dayOfWeek - 1 });
      return nextStartOf([monday, monday.add({ weeks: 1 })], now);
    }
    case 'months': {
      const first = today.with({ day: 1 }).subtract({ months: (today.month - 1) % alignment.count });
      return nextStartOf([first, first.add({ months: alignment.count })], now);
    }
  }
}

/** Steps are counted from midnight on the wall clock, so the hours of a day meet them whatever its clock change. */
function nextStepOfDay(now: Temporal.ZonedDateTime, stepMinutes: number): number {
  const step = Math.floor((now.hour * 60 + now.minute) / stepMinutes);
  const candidates = [0, 1, 2].flatMap((ahead) => wallTime(now, (step + ahead) * stepMinutes));
  // When the clock is set back within a step, the next boundary may carry a wall time that has been before.
  const sinceStepMinutes = (now.hour * 60 + now.minute) % stepMinutes;
  const ofMinute = now.round({ smallestUnit: 'minute', roundingMode: 'floor' });
  const onward = ofMinute.add({ minutes: stepMinutes - sinceStepMinutes });
  if ((onward.hour * 60 + onward.minute) % stepMinutes === 0) candidates.push(onward.epochMilliseconds);
  const today = now.toPlainDate();
  candidates.push(nextStartOf([today, today.add({ days: 1 })], now));
  return Math.min(...candidates.filter((ms) => ms > now.epochMilliseconds));
}

/** The instants at which the wall clock shows so many minutes of the day: two when it is set back over them. */
function wallTime(day: Temporal.ZonedDateTime, minutes: number): number[] {
  if (minutes >= MINUTES_PER_DAY) return [];
  const time = Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  const wall = day.toPlainDate().toPlainDateTime(time);
  return (['earlier', 'later'] as const)
    .map((disambiguation) => wall.toZonedDateTime(day.timeZoneId, { disambiguation }))
    .filter((instant) => instant.toPlainTime().equals(time))
    .map((instant) => instant.epochMilliseconds);
}

/** Clocks that are set back over midnight begin a day twice: also who asks in its first minutes has its second start ahead. */
function nextStartOf(dates: readonly Temporal.PlainDate[], now: Temporal.ZonedDateTime): number {
  const starts = dates.flatMap((date) => [
    date.toZonedDateTime(now.timeZoneId),
    date.toPlainDateTime().toZonedDateTime(now.timeZoneId, { disambiguation: 'later' }),
  ]);
  return Math.min(
    ...starts.map((start) => start.epochMilliseconds).filter((ms) => ms > now.epochMilliseconds),
  );
}
