/** Figures as people read them. */

const SECOND_MS = 1000;
/** The units of long durations, the longest first. */
const LONG_UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', SECOND_MS],
];
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

// Four digits are read without a separator.
const whole = new Intl.NumberFormat('en', { useGrouping: 'min2', maximumFractionDigits: 0 });
const twoDigits = new Intl.NumberFormat('en', { useGrouping: 'min2', maximumFractionDigits: 2 });
const twoFigures = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const threeFigures = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `2800`, `12,345`. */
export function readableCount(count: number): string {
  return whole.format(count);
}

/** `1 panel`, `2800 panels`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${readableCount(count)} ${count === 1 ? one : many}`;
}

/** `75 %`, `99.95 %`. */
export function readablePercent(percent: number): string {
  return `${twoDigits.format(percent)} %`;
}

/** In decimal units: `812 B`, `1.2 kB`, `268 MB`. */
export function readableBytes(bytes: number): string {
  let amount = bytes;
  let unitAt = 0;
  // 999.5 kB would be shown as 1000 kB.
  while (amount >= 999.5 && unitAt < BYTE_UNITS.length - 1) {
    amount /= 1000;
    unitAt++;
  }
  return `${unitAt === 0 ? whole.format(amount) : threeFigures.format(amount)} ${BYTE_UNITS[unitAt]}`;
}

/** `0.04 ms`, `250 ms`, `1.5 s`, `12 s`, `4 min 30 s`, `1 h`, `2 d 3 h`: never more than two units. */
export function readableDuration(ms: number): string {
  if (ms === 0) return '0 s';
  if (ms < 10) return `${twoFigures.format(ms)} ms`;
  if (Math.round(ms) < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${twoFigures.format(ms / SECOND_MS)} s`;
  return longDuration(Math.round(ms / SECOND_MS) * SECOND_MS);
}

/** Seen from now: `12 s ago`, `in 4 min`, `now`; `fromNowMs` is negative in the past. */
export function readableMoment(fromNowMs: number): string {
  const distanceMs = Math.abs(fromNowMs);
  if (distanceMs < SECOND_MS) return 'now';
  // Tenths of a second are noise here.
  const distance = longDuration(Math.floor(distanceMs / SECOND_MS) * SECOND_MS);
  return fromNowMs < 0 ? `${distance} ago` : `in ${distance}`;
}

function longDuration(ms: number): string {
  const firstAt = Math.max(
    0,
    LONG_UNITS.findIndex(([, unitMs]) => ms >= unitMs),
  );
  const parts: string[] = [];
  let restMs = ms;
  for (const [unit, unitMs] of LONG_UNITS.slice(firstAt, firstAt + 2)) {
    const amount = Math.floor(restMs / unitMs);
    restMs -= amount * unitMs;
    if (amount > 0) parts.push(`${readableCount(amount)} ${unit}`);
  }
  return parts.join(' ');
}
