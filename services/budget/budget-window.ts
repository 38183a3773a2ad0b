import type { Clock } from '../clock.js';
import {
  type BudgetLedger,
  type Granted,
  SLOT_MS,
  SLOTS_COUNT,
  sharesOf,
  type Wanted,
} from './budget-ledger.js';
import { TenantShares } from './tenant-shares.js';

/** What was granted, by the second, the newest first. */
export type CountsByAge = readonly number[];

/** The account of a budget in this process: a window that slides by the second, and a bucket that paces whatever can wait. */
export class BudgetWindow implements BudgetLedger {
  readonly #perMinuteCount: number;
  readonly #clock: Clock;
  /** A grant of one counts so many: as many processes are taken to do the same. */
  readonly #weight: number;
  /** By the second in which they were granted. */
  readonly #slots = new Map<number, number>();
  readonly #tenants: TenantShares;
  #level: number;
  #levelAtMs: number;

  /** `before`: what was granted until now, by whomever. */
  constructor(options: { perMinuteCount: number; clock: Clock; weight?: number; before?: CountsByAge }) {
    this.#perMinuteCount = options.perMinuteCount;
    this.#clock = options.clock;
    this.#weight = options.weight ?? 1;
    this.#tenants = new TenantShares(options);
    this.#levelAtMs = options.clock.monotonicMs();
    const before = options.before ?? [];
    const slot = Math.floor(this.#levelAtMs / SLOT_MS);
    for (const [age, count] of before.entries()) if (count > 0) this.#slots.set(slot - age, count);
    this.#level = before.length > 0 ? 0 : sharesOf(this.#perMinuteCount).pacedAtOnceCount;
  }

  async take(wanted: Wanted): Promise<Granted> {
    const nowMs = this.#clock.monotonicMs();
    const { pacedPerMs, pacedAtOnceCount, reservedCount } = sharesOf(this.#perMinuteCount);
    this.#forget(nowMs);
    this.#level = Math.min(
      Math.max(this.#weight, pacedAtOnceCount),
      this.#level + (nowMs - this.#levelAtMs) * pacedPerMs,
    );
    this.#levelAtMs = nowMs;
    let freeCount = Math.max(0, this.#perMinuteCount - this.#takenCount());
    const mostOf = this.#tenants.asked(wanted.urgentTenants);
    const urgent = wanted.urgentTenants.map((tenant) => {
      if (freeCount < this.#weight || this.#tenants.countOf(tenant) >= mostOf(freeCount)) return false;
      freeCount -= this.#weight;
      this.#tenants.note(tenant, this.#weight);
      return true;
    });
    this.#note(nowMs, urgent.filter((isGranted) => isGranted).length);
    const pacedFreeCount = freeCount - reservedCount;
    const pacedCount = Math.max(
      0,
      Math.min(wanted.pacedCount, this.#each(Math.min(this.#level, pacedFreeCount))),
    );
    this.#note(nowMs, pacedCount);
    const slideInMs = this.#slideInMs(nowMs);
    const missing = Math.max(0, this.#weight - this.#level) / pacedPerMs;
    return {
      urgent,
      pacedCount,
      spentForMs: freeCount - pacedCount * this.#weight < this.#weight ? slideInMs : 0,
      pacedInMs:
        pacedFreeCount - pacedCount * this.#weight < this.#weight ? Math.max(slideInMs, missing) : missing,
    };
  }

  close(): void {}

  #each(count: number): number {
    return Math.floor(count / this.#weight);
  }

  #note(nowMs: number, count: number): void {
    if (count === 0) return;
    const slot = Math.floor(nowMs / SLOT_MS);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + count * this.#weight);
    this.#level -= count * this.#weight;
  }

  #takenCount(): number {
    let takenCount = 0;
    for (const count of this.#slots.values()) takenCount += count;
    return takenCount;
  }

  /** Until the oldest second leaves the window. */
  #slideInMs(nowMs: number): number {
    const oldest = Math.min(...this.#slots.keys());
    return Number.isFinite(oldest) ? (oldest + SLOTS_COUNT) * SLOT_MS - nowMs : 0;
  }

  #forget(nowMs: number): void {
    const since = Math.floor(nowMs / SLOT_MS) - SLOTS_COUNT;
    for (const slot of this.#slots.keys()) if (slot <= since) this.#slots.delete(slot);
  }
}
