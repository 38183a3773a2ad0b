/** So many buckets per power of two: the middle of a bucket is at most 1/64 away from any value in it. */
const STEPS_PER_OCTAVE = 32;
/** From 2^-10 ms (about 1 us) to 2^20 ms (about 17 minutes); what lies outside counts in the first or the last bucket. */
const MIN_EXPONENT = -10;
const MAX_EXPONENT = 20;
const BUCKETS_COUNT = (MAX_EXPONENT - MIN_EXPONENT) * STEPS_PER_OCTAVE;
/** The sign, the 11 bits of the exponent and the top 5 bits of the mantissa of a double are its bucket: all but the low 15 of its upper half. */
const FIRST_TOP_BITS = (1023 + MIN_EXPONENT) * STEPS_PER_OCTAVE;
const LOW_BITS = 15;
const LOW_BITS_MASK = 2 ** LOW_BITS - 1;
/** Without its mark a text is of a version with half as many buckets, which does not take marked ones for its own. */
const ENCODED = /^(~?)\d+(\.\d+)?( [0-9a-z]{1,3}(\.[0-9a-z]{1,10})?)*$/;
const MARK = '~';
const UNMARKED_WIDTH = 2;

const bits = new DataView(new ArrayBuffer(8));

/**
 * Durations in ms, counted in buckets that widen with the value (log-linear): a record costs a few instructions, a percentile
 * is wrong by 2 % at most between 1 us and 17 minutes, histograms of several processes or minutes add up.
 */
export class Histogram {
  #count = 0;
  #sumMs = 0;
  readonly #buckets = new Float64Array(BUCKETS_COUNT);

  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  record(durationMs: number): void {
    const at = bucketOf(durationMs);
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
    this.#count++;
    if (durationMs > 0 && Number.isFinite(durationMs)) this.#sumMs += durationMs;
  }

  merge(other: Histogram): this {
    for (let i = 0; i < BUCKETS_COUNT; i++)
      this.#buckets[i] = (this.#buckets[i] ?? 0) + (other.#buckets[i] ?? 0);
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    return this;
  }

  copy(): Histogram {
    return new Histogram().merge(this);
  }

  /** What was recorded after `earlier`, an older copy of this one. */
  since(earlier: Histogram): Histogram {
    const later = new Histogram();
    for (let i = 0; i < BUCKETS_COUNT; i++) {
      const count = Math.max(0, (this.#buckets[i] ?? 0) - (earlier.#buckets[i] ?? 0));
      later.#buckets[i] = count;
      later.#count += count;
    }
    later.#sumMs = Math.max(0, this.#sumMs - earlier.#sumMs);
    return later;
  }

  /** The duration that `percent` of the records do not exceed (nearest rank), to 4 significant digits; null without records. */
  percentileMs(percent: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    let at = 0;
    for (; at < BUCKETS_COUNT - 1; at++) {
      seen += this.#buckets[at] ?? 0;
      if (seen >= rank) break;
    }
    return Number(((upperBoundMs(at - 1) + upperBoundMs(at)) / 2).toPrecision(4));
  }

  /** How many records were at most 2^exponent ms: exact, because powers of two are bounds of buckets. */
  countUpTo(exponent: number): number {
    const end = Math.min(BUCKETS_COUNT, Math.max(0, (exponent - MIN_EXPONENT) * STEPS_PER_OCTAVE));
    let count = 0;
    for (let at = 0; at < end; at++) count += this.#buckets[at] ?? 0;
    return count;
  }

  /** Short text of the buckets in use: a mark and the sum, then pairs of distance and count in base 36. */
  encode(): string {
    const parts = [`${MARK}${Math.round(this.#sumMs * 1000) / 1000}`];
    let last = 0;
    for (let at = 0; at < BUCKETS_COUNT; at++) {
      const count = this.#buckets[at] ?? 0;
      if (count === 0) continue;
      parts.push((at - last).toString(36) + (count === 1 ? '' : `.${count.toString(36)}`));
      last = at;
    }
    return parts.join(' ');
  }

  /** Reads what `encode` wrote, also that of the version before; null for anything else. */
  static decode(text: string): Histogram | null {
    const [, mark] = ENCODED.exec(text) ?? [];
    if (mark === undefined) return null;
    const [sum = '', ...parts] = text.slice(mark.length).split(' ');
    const width = mark === MARK ? 1 : UNMARKED_WIDTH;
    const histogram = new Histogram();
    let at = 0;
    for (const part of parts) {
      const [distance = '', count = '1'] = part.split('.');
      at += width * Number.parseInt(distance, 36);
      if (!(at < BUCKETS_COUNT)) return null;
      const added = Number.parseInt(count, 36);
      histogram.#buckets[at] = (histogram.#buckets[at] ?? 0) + added;
      histogram.#count += added;
    }
    histogram.#sumMs = Number(sum);
    return histogram;
  }
}

/** Buckets hold (lower, upper], so that a count up to a bound includes the bound as Prometheus' `le` does. */
function bucketOf(durationMs: number): number {
  if (!(durationMs > 0)) return 0;
  bits.setFloat64(0, durationMs);
  const upperHalf = bits.getUint32(0);
  const isLowerBound = (upperHalf & LOW_BITS_MASK) === 0 && bits.getUint32(4) === 0;
  const at = (upperHalf >>> LOW_BITS) - FIRST_TOP_BITS - (isLowerBound ? 1 : 0);
  return Math.min(BUCKETS_COUNT - 1, Math.max(0, at));
}

function upperBoundMs(at: number): number {
  const step = at + 1;
  const exponent = MIN_EXPONENT + Math.floor(step / STEPS_PER_OCTAVE);
  const within = ((step % STEPS_PER_OCTAVE) + STEPS_PER_OCTAVE) % STEPS_PER_OCTAVE;
  return 2 ** exponent * (1 + within / STEPS_PER_OCTAVE);
}
