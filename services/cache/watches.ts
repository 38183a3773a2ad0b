import type { Clock } from '../clock.js';
import type { Entry } from './entry.js';
import type { Judge } from './judge.js';
import type { Usability } from './policy.js';
import type { CacheRequest } from './request.js';

/** News that come together are looked at together. */
const LOOK_AFTER_MS = 20;

/** Called with the entry that was loaded or taken over; without one when what was seen is no longer fresh. */
export type WatchListener = (landed: Entry | null) => void;

/** Somebody's interest in one key, until it is ended. */
export interface Watch {
  /** What he has seen last: only what differs from it is news to him. */
  saw(entry: Entry): void;
  end(): void;
}

interface Watched {
  readonly request: CacheRequest;
  readonly listener: WatchListener;
  seen: Entry | null;
  /** What was seen is still good for, as the listener was told. */
  told: Usability;
}

/**
 * Tells those who go on looking at a key that another read may find something else: after a load of it, whoever asked for that, and after
 * a change of its generations. It loads nothing itself; who is told reads as every reader does.
 */
export class Watches {
  readonly #judge: Judge;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Set<Watched>>();
  #cancelLook: (() => void) | null = null;

  constructor(options: { judge: Judge; clock: Clock }) {
    this.#judge = options.judge;
    this.#clock = options.clock;
  }

  watch(request: CacheRequest, listener: WatchListener): Watch {
    const { hash } = request.key;
    const watched: Watched = { request, listener, seen: null, told: 'fresh' };
    const ofKey = this.#byKey.get(hash) ?? new Set();
    this.#byKey.set(hash, ofKey.add(watched));
    return {
      saw(entry) {
        if (isSame(watched.seen, entry)) return;
        watched.seen = entry;
        watched.told = 'fresh';
      },
      end: () => {
        ofKey.delete(watched);
        if (ofKey.size === 0 && this.#byKey.get(hash) === ofKey) this.#byKey.delete(hash);
      },
    };
  }

  /** Something newer is kept of a key. */
  landed(entry: Entry): void {
    for (const { seen, listener } of this.#byKey.get(entry.keyHash) ?? [])
      if (!isSame(seen, entry)) listener(entry);
  }

  /** What entries are compared with has changed. */
  changed(): void {
    if (this.#byKey.size === 0) return;
    this.#cancelLook ??= this.#clock.after(LOOK_AFTER_MS, () => this.#look());
  }

  end(): void {
    this.#cancelLook?.();
    this.#byKey.clear();
  }

  #look(): void {
    this.#cancelLook = null;
    for (const ofKey of this.#byKey.values())
      for (const watched of ofKey) {
        const { use } = this.#judge.of(watched.seen, watched.request);
        if (use === 'fresh' || use === watched.told) continue;
        watched.told = use;
        watched.listener(null);
      }
  }
}

function isSame(seen: Entry | null, entry: Entry): boolean {
  return seen?.etag === entry.etag && seen.storedAtMs === entry.storedAtMs;
}
