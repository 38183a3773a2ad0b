import type { Clock } from '../clock.js';

/** How long a changed schema may go unnoticed; after a sign of it not so long, but never a look for every failed query. */
const EVERY_MS = 30_000;
const SOON_MS = 1000;

/** Has somebody look every now and then, and soon after a sign that the schema may have changed; one look at a time. */
export class SchemaWatch {
  readonly #clock: Clock;
  readonly #look: () => Promise<void>;
  #cancel = () => {};
  #dueAtMs = Number.POSITIVE_INFINITY;
  #isLooking = false;
  #isClosed = false;

  /** `look` never rejects. */
  constructor({ clock, look }: { readonly clock: Clock; readonly look: () => Promise<void> }) {
    this.#clock = clock;
    this.#look = look;
    this.#lookIn(EVERY_MS);
  }

  /** A query failed, or files were replaced. */
  lookSoon(): void {
    this.#lookIn(SOON_MS);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #lookIn(delayMs: number): void {
    const atMs = this.#clock.monotonicMs() + delayMs;
    // What is seen during a look is seen by the next: a failed query is not the only sign.
    if (this.#isClosed || this.#isLooking || atMs >= this.#dueAtMs) return;
    this.#cancel();
    this.#dueAtMs = atMs;
    this.#cancel = this.#clock.after(delayMs, () => this.#lookNow());
  }

  async #lookNow(): Promise<void> {
    this.#isLooking = true;
    await this.#look();
    this.#isLooking = false;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#lookIn(EVERY_MS);
  }
}
