const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** What stands where nothing was measured. */
export const NOTHING = '–';

export function count(value: number | null): string {
  return value === null ? NOTHING : whole.format(value);
}

/** Two digits, as the API rounds. */
export function percent(value: number | null): string {
  return value === null ? NOTHING : `${exact.format(value)} %`;
}

export function milliseconds(value: number | null): string {
  if (value === null) return NOTHING;
  if (value < 1) return `${exact.format(value)} ms`;
  if (value < 100) return `${short.format(value)} ms`;
  return value < 10_000 ? `${whole.format(value)} ms` : `${short.format(value / 1000)} s`;
}

/** In powers of ten, as the target of Redis is. */
export function bytes(value: number | null): string {
  if (value === null) return NOTHING;
  if (value < 1000) return `${whole.format(value)} B`;
  if (value < 1_000_000) return `${short.format(value / 1000)} kB`;
  return value < 1_000_000_000 ? `${short.format(value / 1e6)} MB` : `${exact.format(value / 1e9)} GB`;
}

/** `part` of `sum` in percent; null of nothing. */
export function share(part: number, sum: number): number | null {
  return sum === 0 ? null : Math.round((10_000 * part) / sum) / 100;
}

const clockTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dayTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

export function timeOfDay(at: number | string): string {
  return clockTime.format(new Date(at));
}

export function dayAndTime(at: number | string): string {
  return dayTime.format(new Date(at));
}

export function length(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** "1 panel", "2 panels". */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${whole.format(value)} ${value === 1 ? noun : plural}`;
}
