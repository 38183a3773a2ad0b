import { LRUCache } from 'lru-cache';
import type { FrameHead } from './codec.js';
import type { Entry } from './entry.js';
import { digestOf, type Stamp } from './stamp.js';

/** Some 5 MB. */
const MAX_COUNT = 5000;

/** An entry as it was in Redis. */
export interface Seen {
  /** Of its generations. */
  readonly digest: string;
  readonly staleAtMs: number;
  /** Null until it is read again. */
  readonly head: FrameHead | null;
}

/** The entries that this process has seen in Redis last: mostly they are there yet. */
export class SeenEntries {
  readonly #byKeyHash = new LRUCache<string, Seen>({ max: MAX_COUNT });

  note({ keyHash, stamp, staleAtMs }: Entry, head: FrameHead | null = null): void {
    this.#byKeyHash.set(keyHash, { digest: digestOf(stamp), staleAtMs, head });
  }

  forget(keyHash: string): void {
    this.#byKeyHash.delete(keyHash);
  }

  /** The one of a key if it was loaded under these generations, and is fresh if it is there yet. */
  fresh(keyHash: string, stamp: Stamp, nowMs: number): Seen | null {
    const seen = this.#byKeyHash.get(keyHash);
    return seen && nowMs < seen.staleAtMs && seen.digest === digestOf(stamp) ? seen : null;
  }
}
