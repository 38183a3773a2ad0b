import type { Clock } from '../clock.js';
import type { CacheObserver } from './observer.js';

/** As often as processes poll: news that no message told of is found within this time. */
const CHECK_MS = 250;

export interface BusHearingOptions {
  readonly clock: Clock;
  readonly observer: CacheObserver;
  /** Where in which log this process is: another one after news. */
  readonly place: () => string;
}

/**
 * Tells whether the bus is heard at all. Silence of a bus looks like peace; but when the log of Redis moves on and no message said so, it is
 * deaf, and purges take as long as a poll. A message may come somewhat before the news it told of is found, or somewhat after.
 */
export class BusHearing {
  readonly #options: BusHearingOptions;
  #place = '';
  #heardAtMs = Number.NEGATIVE_INFINITY;
  /** Monotonic: when news was found that is not yet judged. */
  #newsAtMs: number | null = null;
  #cancel = (): void => {};

  constructor(options: BusHearingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#place = this.#options.place();
    this.#checkLater();
  }

  close(): void {
    this.#cancel();
  }

  /** A message that there is news. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.monotonicMs();
  }

  #checkLater(): void {
    this.#cancel = this.#options.clock.after(CHECK_MS, () => {
      this.#check();
      this.#checkLater();
    });
  }

  #check(): void {
    const { clock, observer, place } = this.#options;
    const isAnnounced = this.#newsAtMs === null || this.#heardAtMs >= this.#newsAtMs - 2 * CHECK_MS;
    if (!isAnnounced) observer.event('unannounced_news');
    const found = place();
    this.#newsAtMs = found === this.#place ? null : clock.monotonicMs();
    this.#place = found;
  }
}
