import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';

/** A failed load is shared for this long: its readers get the error, and the source a pause. */
export const FAILURE_LIFE_MS = 1000;
/** More than one process can have in that time. */
const FAILURES_MAX_COUNT = 2000;

/** Errors of loads, kept apart from values: an error never replaces one (invariant 5). */
export class RecentFailures {
  readonly #failures = new LRUCache<string, { readonly error: unknown; readonly untilMs: number }>({
    max: FAILURES_MAX_COUNT,
  });
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `lifeMs`: what is left of a failure that another process had. */
  note(keyHash: string, error: unknown, lifeMs = FAILURE_LIFE_MS): void {
    this.#failures.set(keyHash, { error, untilMs: this.#clock.monotonicMs() + lifeMs });
  }

  forget(keyHash: string): void {
    this.#failures.delete(keyHash);
  }

  /** The failure if it is still shared. */
  get(keyHash: string): { readonly error: unknown } | undefined {
    const failure = this.#failures.get(keyHash);
    return failure && this.#clock.monotonicMs() < failure.untilMs ? failure : undefined;
  }
}
