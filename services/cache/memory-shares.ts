import type { Clock } from '../clock.js';
import { hashParts } from './key.js';
import { MemoryShare } from './memory-share.js';

/** Who has read nothing for so long makes room first. Longer than the usual ttls: who looks at a dashboard asks again before. */
const IDLE_MS = 600_000;

/** What is of no tenant is read by all of them: it counts as all tenants together. */
const SHARED_PART = 1 / 2;
const SHARED_HASH = hashParts([null]);

interface Holder {
  readonly share: MemoryShare;
  readAtMs: number;
}

/** Whose entry goes. */
interface Victim {
  readonly tenantHash: string;
  readonly keyHash: string;
}

/**
 * How tenants share the memory. While there is room anybody takes it. Then first those give way who read nothing any more; then whoever
 * holds more than an equal part makes room among his own; and who holds less takes from whoever is furthest above his.
 */
export class MemoryShares {
  readonly #maxBytes: number;
  readonly #clock: Clock;
  /** In the order of their last reads. */
  readonly #holders = new Map<string, Holder>();
  #latest: string | undefined;
  #bytes = 0;

  constructor(options: { maxBytes: number; clock: Clock }) {
    this.#maxBytes = options.maxBytes;
    this.#clock = options.clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  touch(tenantHash: string, keyHash: string): void {
    const holder = this.#holders.get(tenantHash);
    if (!holder) return;
    holder.share.touch(keyHash);
    holder.readAtMs = this.#clock.monotonicMs();
    this.#moveLast(tenantHash, holder);
  }

  put(tenantHash: string, keyHash: string, sizeBytes: number): void {
    this.remove(tenantHash, keyHash);
    const holder = this.#holders.get(tenantHash) ?? { share: new MemoryShare(), readAtMs: 0 };
    holder.share.put(keyHash, sizeBytes);
    this.#bytes += sizeBytes;
    holder.readAtMs = this.#clock.monotonicMs();
    this.#moveLast(tenantHash, holder);
  }

  remove(tenantHash: string, keyHash: string): void {
    const holder = this.#holders.get(tenantHash);
    if (!holder) return;
    this.#bytes -= holder.share.bytes;
    holder.share.remove(keyHash);
    this.#bytes += holder.share.bytes;
    if (!holder.share.isEmpty) return;
    this.#holders.delete(tenantHash);
    if (this.#latest === tenantHash) this.#latest = undefined;
  }

  isFull(sizeBytes: number): boolean {
    return this.#bytes + sizeBytes > this.#maxBytes;
  }

  /** Whether there are others, nothing is free, nobody is idle, and with so many bytes more the tenant has more than an equal part. */
  wouldExceed(tenantHash: string, sizeBytes: number): boolean {
    const isAlone = this.#holders.size === 0 || (this.#holders.size === 1 && this.#holders.has(tenantHash));
    if (isAlone || !this.isFull(sizeBytes) || this.#idle() !== undefined) return false;
    const heldBytes = this.#holders.get(tenantHash)?.share.bytes ?? 0;
    return heldBytes + sizeBytes > this.#partOf(tenantHash);
  }

  /** What goes first when the tenant needs so many bytes. Undefined when nothing is held. */
  victim(tenantHash: string, sizeBytes: number): Victim | undefined {
    const own = this.#holders.has(tenantHash) && this.wouldExceed(tenantHash, sizeBytes) ? tenantHash : null;
    const from = this.#idle() ?? own ?? this.#furthestAbove();
    const keyHash = from === undefined ? undefined : this.#holders.get(from)?.share.oldest;
    return from === undefined || keyHash === undefined ? undefined : { tenantHash: from, keyHash };
  }

  #partOf(tenantHash: string): number {
    if (tenantHash === SHARED_HASH) return this.#maxBytes * SHARED_PART;
    const hasShared = this.#holders.has(SHARED_HASH);
    const isNew = !this.#holders.has(tenantHash);
    const tenantsCount = this.#holders.size - (hasShared ? 1 : 0) + (isNew ? 1 : 0);
    return (this.#maxBytes * (hasShared ? 1 - SHARED_PART : 1)) / tenantsCount;
  }

  #idle(): string | undefined {
    const [first] = this.#holders;
    if (!first) return undefined;
    const [tenantHash, { readAtMs }] = first;
    return this.#clock.monotonicMs() - readAtMs >= IDLE_MS ? tenantHash : undefined;
  }

  #furthestAbove(): string | undefined {
    let furthest: string | undefined;
    let most = 0;
    for (const [tenantHash, { share }] of this.#holders) {
      const parts = share.bytes / this.#partOf(tenantHash);
      if (parts <= most) continue;
      most = parts;
      furthest = tenantHash;
    }
    return furthest;
  }

  #moveLast(tenantHash: string, holder: Holder): void {
    if (this.#latest === tenantHash) return;
    this.#holders.delete(tenantHash);
    this.#holders.set(tenantHash, holder);
    this.#latest = tenantHash;
  }
}
