import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.js';
import type { CacheObserver } from './observer.js';

/** What an entry costs beside its bytes, as measured: its objects, hashes and the slot in the map. */
const ENTRY_OVERHEAD_BYTES = 1536;

/** One generation of an entry that came from Redis; small panels with many tags are mostly this. */
const GENERATION_BYTES = 112;

/** One entry may take this share of the memory: a single huge result must not push out all others. */
const LARGEST_ENTRY_SHARE = 1 / 8;

/** Layer one: entries in this process, bounded in bytes, the least recently read go first. */
export class MemoryStore {
  readonly maxBytes: number;
  readonly #largestEntryBytes: number;
  readonly #entries: LRUCache<string, Entry>;

  constructor(options: { maxBytes: number; observer: CacheObserver }) {
    this.maxBytes = options.maxBytes;
    this.#largestEntryBytes = Math.floor(options.maxBytes * LARGEST_ENTRY_SHARE);
    this.#entries = new LRUCache<string, Entry>({
      maxSize: Math.max(options.maxBytes, 1),
      sizeCalculation: sizeOf,
      dispose: (_entry, _hash, reason) => {
        if (reason === 'evict') options.observer.event('l1_evictions');
      },
    });
  }

  get entriesCount(): number {
    return this.#entries.size;
  }

  get heldBytes(): number {
    return this.#entries.calculatedSize;
  }

  read(keyHash: string): Entry | undefined {
    return this.#entries.get(keyHash);
  }

  /** The same without counting as a read: the order of eviction stays. */
  peek(keyHash: string): Entry | undefined {
    return this.#entries.peek(keyHash);
  }

  /** Whether an entry of this size is kept at all. */
  fits(entry: Entry): boolean {
    return sizeOf(entry) <= this.#largestEntryBytes;
  }

  /** Whether it was kept. An entry too large to keep also takes its predecessor away: old data must not outlive new. */
  write(entry: Entry): boolean {
    if (!this.fits(entry)) {
      this.#entries.delete(entry.keyHash);
      return false;
    }
    this.#entries.set(entry.keyHash, entry);
    return true;
  }

  remove(keyHash: string): void {
    this.#entries.delete(keyHash);
  }
}

function sizeOf(entry: Entry): number {
  const generationsBytes = entry.stamp.generations.length * GENERATION_BYTES;
  return ENTRY_OVERHEAD_BYTES + generationsBytes + entry.body.fullBytes;
}
