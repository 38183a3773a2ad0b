import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { SLOT_MS, SLOTS_COUNT, TENANT_ASKS_MS, TENANT_GONE_MS, TENANTS_FACTOR } from './budget-ledger.js';

const TENANTS_MAX_COUNT = 10_000;

interface Share {
  readonly askedAtMs: number;
  /** What he had, by the second. */
  readonly slots: Map<number, number>;
}

/**
 * What each tenant has had of late. To an equal part each has a right, as if there were one more; of what is free beyond that whoever
 * takes much is stopped first (the dynamic thresholds of Choudhury and Hahne, for buffers that are shared).
 */
export class TenantShares {
  readonly #perMinuteCount: number;
  readonly #clock: Clock;
  readonly #shares = new LRUCache<string, Share>({ max: TENANTS_MAX_COUNT });

  constructor(options: { perMinuteCount: number; clock: Clock }) {
    this.#perMinuteCount = options.perMinuteCount;
    this.#clock = options.clock;
  }

  /** These tenants ask now. Says how many each of them may have had in this minute, to have one more of so many that are free. */
  asked(tenants: readonly string[]): (freeCount: number) => number {
    const nowMs = this.#clock.monotonicMs();
    for (const tenant of tenants)
      this.#shares.set(tenant, { slots: new Map(), ...this.#shares.get(tenant), askedAtMs: nowMs });
    let [askingCount, knownCount] = [0, 0];
    // The latest first.
    for (const { askedAtMs } of this.#shares.values()) {
      if (nowMs - askedAtMs < TENANT_ASKS_MS) askingCount++;
      if (nowMs - askedAtMs >= TENANT_GONE_MS) break;
      if (++knownCount > 1 && nowMs - askedAtMs >= TENANT_ASKS_MS) break;
    }
    if (knownCount <= 1) return () => Number.POSITIVE_INFINITY;
    const equalCount = this.#perMinuteCount / (askingCount + 1);
    return (freeCount) => Math.max(equalCount, (TENANTS_FACTOR * freeCount) / askingCount);
  }

  /** What he had in this minute. */
  countOf(tenant: string): number {
    const slots = this.#shares.get(tenant)?.slots ?? [];
    const since = Math.floor(this.#clock.monotonicMs() / SLOT_MS) - SLOTS_COUNT;
    let count = 0;
    for (const [slot, had] of slots) if (slot > since) count += had;
    return count;
  }

  note(tenant: string, count: number): void {
    const now = Math.floor(this.#clock.monotonicMs() / SLOT_MS);
    const slots = this.#shares.get(tenant)?.slots;
    if (!slots) return;
    slots.set(now, (slots.get(now) ?? 0) + count);
    for (const slot of slots.keys()) if (slot <= now - SLOTS_COUNT) slots.delete(slot);
  }
}
