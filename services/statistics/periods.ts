import type { DayRecord } from './day-record.js';
import { DAY_MS, type DaysAnswer } from './days.js';
import { periodFigures } from './period-figures.js';
import type { EnabledPeriodsBody } from './report-schema.js';

const WEEK_DAYS_COUNT = 7;

/** The body of GET /reports/cache-periods: from a day on all together, week one by day, and then by week. */
export function periods(
  { reach, days }: DaysAnswer,
  { sinceDay, today }: { sinceDay: number | null; today: number },
): EnabledPeriodsBody {
  // What nobody remembers any more is no part of a report.
  const first = Math.max(sinceDay ?? 0, days[0]?.day ?? today);
  const wanted = days.filter(({ day }) => day >= first);
  return {
    enabled: true,
    reach,
    since: dateOf(sinceDay ?? first),
    total: periodOf(wanted, { kind: 'total', firstDay: first, lastDay: Math.max(first, today) }),
    periods: [...spans({ firstDay: sinceDay ?? first, kept: first, today })].map((span) =>
      periodOf(wanted, span),
    ),
  };
}

interface Span {
  readonly kind: 'total' | 'day' | 'week';
  readonly firstDay: number;
  /** Inclusive. */
  readonly lastDay: number;
}

/** Weeks are counted from the first day, also when the first of them are no longer kept. */
function* spans({
  firstDay,
  kept,
  today,
}: {
  firstDay: number;
  kept: number;
  today: number;
}): Generator<Span> {
  const weekTwo = firstDay + WEEK_DAYS_COUNT;
  for (let day = Math.max(firstDay, kept); day < weekTwo && day <= today; day++)
    yield { kind: 'day', firstDay: day, lastDay: day };
  for (let day = weekTwo; day <= today; day += WEEK_DAYS_COUNT) {
    const lastDay = day + WEEK_DAYS_COUNT - 1;
    if (lastDay >= kept) yield { kind: 'week', firstDay: day, lastDay };
  }
}

function periodOf(days: readonly DayRecord[], { kind, firstDay, lastDay }: Span) {
  const within = days.filter(({ day }) => day >= firstDay && day <= lastDay);
  return { kind, first_day: dateOf(firstDay), last_day: dateOf(lastDay), ...periodFigures(within) };
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
