import { Temporal } from 'temporal-polyfill';

const BUCKET_MS = 15 * 60_000;
const MAX_BUCKETS_COUNT = 10_000;
/** Databases know years that Temporal does not; whatever the zone is there, it is what it was last known to be. */
const FARTHEST_MS = 8.6e15;

/** Between instants and the wall-clock time of a zone, both in ms since 1970. */
export interface NaiveTime {
  /** What a clock in the zone shows at this instant. */
  toNaiveMs(instantMs: number): number;
  /** How far the clock at this wall-clock time is ahead of UTC. In the hour that comes twice the first, in the hour left out as before it. */
  offsetAtNaiveMs(naiveMs: number): number;
}

const UTC: NaiveTime = { toNaiveMs: (instantMs) => instantMs, offsetAtNaiveMs: () => 0 };

/** Offsets change only on quarter hours, so they are asked once for each and kept: a chart asks for thousands. */
export function naiveTime(timezone: string): NaiveTime {
  if (timezone === 'UTC' || timezone === 'Etc/UTC') return UTC;
  const atInstant = remembered(
    (ms) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone).offsetNanoseconds / 1e6,
  );
  const atNaive = remembered((ms) => {
    const naive = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO('UTC').toPlainDateTime();
    // "compatible" picks the first of two instants. In a gap it shows another time than asked, so the offset is not its own.
    return ms - naive.toZonedDateTime(timezone, { disambiguation: 'compatible' }).epochMilliseconds;
  });
  return { toNaiveMs: (ms) => ms + atInstant(ms), offsetAtNaiveMs: atNaive };
}

function remembered(offsetMsAt: (ms: number) => number): (ms: number) => number {
  const known = new Map<number, number>();
  return (ms) => {
    const nearMs = Math.min(FARTHEST_MS, Math.max(-FARTHEST_MS, ms));
    const bucketMs = Math.floor(nearMs / BUCKET_MS) * BUCKET_MS;
    const offsetMs = known.get(bucketMs) ?? offsetMsAt(bucketMs);
    if (known.size >= MAX_BUCKETS_COUNT) known.clear();
    known.set(bucketMs, offsetMs);
    return offsetMs;
  };
}
