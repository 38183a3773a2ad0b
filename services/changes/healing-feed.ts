import type { ChangeFeed, FeedState } from './change-feed.js';
import type { FeedOptions } from './feed-options.js';
import { pause } from './pause.js';

/** Heartbeats come every second. */
export const HEARTBEAT_MS = 1000;
/** Without a heartbeat for so long a feed counts as silent. */
export const SILENT_MS = 5 * HEARTBEAT_MS;

const FIRST_PAUSE_MS = 100;
/** All that was missed is in force within two seconds after a connection is possible again: the pause must leave time for that. */
const LONGEST_PAUSE_MS = 1000;
const CLOSE_WAIT_MS = 1000;

/** What one life of a feed, from its connection to its first fault, says of itself. */
export interface FeedLife {
  /** Aborts when the feed is closed. */
  readonly signal: AbortSignal;
  /** It does what it should; after the next fault it is tried again at once. */
  well(detail: string | null): void;
  /** It does not; it goes on trying. */
  ill(detail: string): void;
  /** Every change committed before this instant has been told. */
  completeTo(atMs: number): void;
}

/** Resolves or rejects when the life is over, with everything closed that it opened. */
export type LiveFeed = (life: FeedLife) => Promise<void>;

/** A feed that begins anew after every fault, soon after the first and then once a second. */
export class HealingFeed implements ChangeFeed {
  readonly kind: ChangeFeed['kind'];
  readonly #options: FeedOptions;
  readonly #live: LiveFeed;
  readonly #end = new AbortController();
  readonly #lagMs: number;
  #running: Promise<void> = Promise.resolve();
  #isWell = false;
  #detail: string | null = 'has not begun yet';
  #completeToMs = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;

  /** `lagMs`: how far behind the present a feed of this kind is when all is well. */
  constructor(options: FeedOptions, live: LiveFeed, lagMs = 0) {
    this.kind = options.changes.feed;
    this.#options = options;
    this.#live = live;
    this.#lagMs = lagMs;
  }

  start(): void {
    this.#running = this.#run();
  }

  state(): FeedState {
    const silentForMs = this.#options.clock.monotonicMs() - this.#completeToMs - this.#lagMs;
    const isSilent = silentForMs > SILENT_MS;
    const silence = Number.isFinite(silentForMs)
      ? `has been silent for ${Math.round(silentForMs / 1000)} s`
      : 'has not been heard yet';
    return {
      ok: this.#isWell && !isSilent,
      detail: this.#isWell && isSilent ? silence : this.#detail,
      completeToMs: this.#completeToMs,
    };
  }

  async close(): Promise<void> {
    this.#end.abort();
    // A database that does not answer does not hold up the end.
    const { clock } = this.#options;
    await Promise.race([
      this.#running,
      pause(CLOSE_WAIT_MS, { clock, signal: new AbortController().signal }),
    ]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    const { clock, log, source } = this.#options;
    while (!signal.aborted) {
      const told = await this.#live(this.#life()).then(() => 'its connection has ended', reasonOf);
      if (signal.aborted) return;
      if (this.#isWell || told !== this.#detail)
        log.warn({ source, feed: this.kind, reason: told }, 'A change feed is interrupted and begins anew');
      this.#isWell = false;
      this.#detail = told;
      await pause(this.#pauseMs, { clock, signal });
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    }
  }

  #life(): FeedLife {
    return {
      signal: this.#end.signal,
      well: (detail) => {
        this.#isWell = true;
        this.#detail = detail;
        this.#pauseMs = FIRST_PAUSE_MS;
      },
      ill: (detail) => {
        this.#isWell = false;
        this.#detail = detail;
      },
      completeTo: (atMs) => {
        this.#completeToMs = Math.max(this.#completeToMs, atMs);
      },
    };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
