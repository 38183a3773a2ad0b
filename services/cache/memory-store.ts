import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { Entry } from './entry.js';
import { FleetingMap } from './fleeting-map.js';
import { MemoryShares } from './memory-shares.js';
import type { CacheObserver } from './observer.js';

/** What an entry costs beside its bytes, as measured: its objects, hashes and the slots in the maps. */
const ENTRY_OVERHEAD_BYTES = 1536;

/** One generation of an entry that came from Redis; small panels with many tags are mostly this. */
const GENERATION_BYTES = 112;

/** One entry may take this share of the memory: a single huge result must not push out all others. */
const LARGEST_ENTRY_SHARE = 1 / 8;

/** Keys that were turned away once and are let in the next time. */
const TURNED_AWAY_MAX_COUNT = 8192;

/** not_admitted: its tenant has his part, and asked for it the first time. */
export type WriteOutcome = 'kept' | 'too_large' | 'not_admitted';

/** Layer one: entries in this process, bounded in bytes. The least recently read go first, but nobody for another who holds more than his part. */
export class MemoryStore {
  readonly maxBytes: number;
  readonly #largestEntryBytes: number;
  readonly #entries = new FleetingMap<Entry>();
  readonly #shares: MemoryShares;
  readonly #observer: CacheObserver;
  #turnedAway: LRUCache<string, true> | null = null;

  constructor({ maxBytes, clock, observer }: { maxBytes: number; clock: Clock; observer: CacheObserver }) {
    this.maxBytes = maxBytes;
    this.#largestEntryBytes = Math.floor(maxBytes * LARGEST_ENTRY_SHARE);
    this.#shares = new MemoryShares({ maxBytes, clock });
    this.#observer = observer;
  }

  get entriesCount(): number {
    return this.#entries.size;
  }

  get heldBytes(): number {
    return this.#shares.bytes;
  }

  read(keyHash: string): Entry | undefined {
    const entry = this.#entries.get(keyHash);
    if (entry) this.#shares.touch(entry.tenantHash, keyHash);
    return entry;
  }

  /** The same without counting as a read: the order of eviction stays. */
  peek(keyHash: string): Entry | undefined {
    return this.#entries.get(keyHash);
  }

  /** Whether an entry of this size is kept at all. */
  fits(entry: Entry): boolean {
    return sizeOf(entry) <= this.#largestEntryBytes;
  }

  /** An entry too large to keep also takes its predecessor away: old data must not outlive new. */
  write(entry: Entry): WriteOutcome {
    const { keyHash, tenantHash } = entry;
    const isKnown = this.#entries.has(keyHash);
    this.remove(keyHash);
    if (!this.fits(entry)) return 'too_large';
    const sizeBytes = sizeOf(entry);
    if (!isKnown && this.#shares.wouldExceed(tenantHash, sizeBytes) && !this.#isAskedAgain(keyHash)) {
      this.#observer.event('not_admitted');
      return 'not_admitted';
    }
    this.#makeRoom(tenantHash, sizeBytes);
    this.#entries.set(keyHash, entry);
    this.#shares.put(tenantHash, keyHash, sizeBytes);
    return 'kept';
  }

  remove(keyHash: string): void {
    const entry = this.#entries.get(keyHash);
    if (!entry) return;
    this.#entries.delete(keyHash);
    this.#shares.remove(entry.tenantHash, keyHash);
  }

  #makeRoom(tenantHash: string, sizeBytes: number): void {
    while (this.#shares.isFull(sizeBytes)) {
      const victim = this.#shares.victim(tenantHash, sizeBytes);
      if (!victim) return;
      this.remove(victim.keyHash);
      this.#observer.event('l1_evictions');
    }
  }

  /** What is asked for only once would push out what is asked for again and again. */
  #isAskedAgain(keyHash: string): boolean {
    this.#turnedAway ??= new LRUCache({ max: TURNED_AWAY_MAX_COUNT });
    if (this.#turnedAway.delete(keyHash)) return true;
    this.#turnedAway.set(keyHash, true);
    return false;
  }
}

function sizeOf(entry: Entry): number {
  const generationsBytes = entry.stamp.generations.length * GENERATION_BYTES;
  return ENTRY_OVERHEAD_BYTES + generationsBytes + entry.body.fullBytes;
}
