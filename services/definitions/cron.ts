import { Cron } from 'croner';

/** What each field of a schedule says, in their order. */
export const CRON_FIELDS = ['minute', 'hour', 'day of the month', 'month', 'day of the week'] as const;

/** One field that cannot be read: which, and where it stands in the text. */
export interface CronFieldFault {
  readonly field: (typeof CRON_FIELDS)[number];
  readonly text: string;
  readonly offset: number;
}

/** The fields of a schedule and where each stands in it. */
export function cronFields(schedule: string): { readonly text: string; readonly offset: number }[] {
  return [...schedule.matchAll(/\S+/g)].map(([text], at, all) => ({ text, offset: all[at]?.index ?? 0 }));
}

/** The fields of a schedule of five that mean nothing. */
export function cronFaults(schedule: string): CronFieldFault[] {
  return cronFields(schedule).flatMap(({ text, offset }, at) => {
    const alone = CRON_FIELDS.map((_, each) => (each === at ? text : '*')).join(' ');
    const field = CRON_FIELDS[at];
    return field === undefined || isReadable(alone) ? [] : [{ field, text, offset }];
  });
}

/**
 * The first instant after another (both wall clock, ms) that a readable schedule names in its zone; null when there is none. In the hour
 * that a zone skips, what has a fixed time comes after it; in the hour that it repeats, once.
 */
export function nextCronMs(
  { schedule, timezone }: { readonly schedule: string; readonly timezone: string },
  afterMs: number,
): number | null {
  return cron(schedule, timezone).nextRun(new Date(afterMs))?.getTime() ?? null;
}

function isReadable(schedule: string): boolean {
  try {
    cron(schedule, 'UTC');
    return true;
  } catch {
    return false;
  }
}

/** Only ever asked for instants: the timers are ours. */
function cron(schedule: string, timezone: string): Cron {
  return new Cron(schedule, { timezone, mode: '5-part', paused: true });
}
