import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.js';
import { digestOf, type Stamp } from './stamp.js';

/** Some 2 MB. */
const MAX_COUNT = 10_000;

interface Seen {
  /** Of its generations. */
  readonly digest: string;
  readonly staleAtMs: number;
}

/** The entries that this process has seen in Redis last: mostly they are there yet. */
export class SeenEntries {
  readonly #byKeyHash = new LRUCache<string, Seen>({ max: MAX_COUNT });

  note({ keyHash, stamp, staleAtMs }: Pick<Entry, 'keyHash' | 'stamp' | 'staleAtMs'>): void {
    this.#byKeyHash.set(keyHash, { digest: digestOf(stamp), staleAtMs });
  }

  forget(keyHash: string): void {
    this.#byKeyHash.delete(keyHash);
  }

  /** Whether the one of a key was loaded under these generations, and is fresh if it is there yet. */
  isFresh(keyHash: string, stamp: Stamp, nowMs: number): boolean {
    const seen = this.#byKeyHash.get(keyHash);
    return seen !== undefined && nowMs < seen.staleAtMs && seen.digest === digestOf(stamp);
  }
}
