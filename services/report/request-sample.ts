import { seededRandom } from '../audit/seeded-random.js';
import type { LoggedRequest } from './logged-request.js';

const MINUTE_MS = 60_000;

/**
 * So many requests of a log of any length, each as likely as any other and in an order that the seed decides, and how
 * many there were a minute (reservoir sampling: the log is seen once and not kept).
 */
export class RequestSample {
  readonly #maxCount: number;
  readonly #random: () => number;
  readonly #addresses: string[] = [];
  #seenCount = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor({ maxCount, seed }: { maxCount: number; seed: number }) {
    this.#maxCount = maxCount;
    this.#random = seededRandom(seed);
  }

  add({ atMs, address }: LoggedRequest): void {
    this.#firstMs = Math.min(this.#firstMs, atMs);
    this.#lastMs = Math.max(this.#lastMs, atMs);
    this.#seenCount++;
    const at = Math.floor(this.#random() * this.#seenCount);
    if (this.#addresses.length < this.#maxCount) {
      // Put at a random place, so that what is left out at an early end is left out by chance.
      this.#addresses.push(this.#addresses[at] ?? address);
      this.#addresses[at] = address;
    } else if (at < this.#maxCount) this.#addresses[at] = address;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  get seenCount(): number {
    return this.#seenCount;
  }

  /** Over the minutes from the first to the last request; null without any. */
  get requestsPerMinute(): number | null {
    if (this.#seenCount === 0) return null;
    const minutesCount = Math.floor(this.#lastMs / MINUTE_MS) - Math.floor(this.#firstMs / MINUTE_MS) + 1;
    return this.#seenCount / minutesCount;
  }
}
