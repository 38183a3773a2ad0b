import type { Clock } from '../clock.js';

/**
 * Which list of members this process knows, and since when. Members come with their looks, so a new list lacks those who may still
 * trust: it is whole once everybody's trust from before it has run out. By the clock of this process alone: that of Redis may jump.
 */
export class MemberList {
  readonly #clock: Clock;
  #list = '';
  #knownSinceMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whoever hears of a list, by a look or while he waits, says so. */
  note(list: string): void {
    if (list === this.#list) return;
    this.#list = list;
    this.#knownSinceMs = this.#clock.monotonicMs();
  }

  /** Whether this list has been known for so long. */
  isKnownFor(list: string, ms: number): boolean {
    return list === this.#list && this.#clock.monotonicMs() - this.#knownSinceMs >= ms;
  }
}
