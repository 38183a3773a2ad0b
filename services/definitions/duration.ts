const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** `250ms`, `5m`, `1.5h`, `2d` in whole milliseconds; null when it is not a duration with a unit. */
export function parseDuration(text: string): number | null {
  return scaled(/^(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?(ms|s|m|h|d)$/.exec(text), UNIT_MS);
}

/** `4 MiB`, `500kB`, `1048576` in whole bytes; null when it is not a size. */
export function parseSize(text: string): number | null {
  return scaled(
    /^(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?\s?(b|kb|mb|gb|kib|mib|gib)?$/.exec(text.toLowerCase()),
    UNIT_BYTES,
  );
}

/** The same length as people write it: 300000 is `5m`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const fitting = Object.entries(UNIT_MS)
    .reverse()
    .find(([, unitMs]) => ms % unitMs === 0);
  return fitting ? `${ms / fitting[1]}${fitting[0]}` : `${ms}ms`;
}

function scaled(match: RegExpExecArray | null, units: Readonly<Record<string, number>>): number | null {
  if (!match) return null;
  const amount = Number(`${match[1]}${match[2] ?? ''}`) * (units[match[3] ?? 'b'] ?? 1);
  const whole = Math.round(amount);
  // 0.1 + 0.2: a product that is whole but for the last bit is whole.
  return Math.abs(whole - amount) < 1e-6 && Number.isSafeInteger(whole) ? whole : null;
}
