import type { Clock } from '../clock.js';

/** While a second tenant asked within this time, no one may take the last place: its queries may take long. */
const SEVERAL_MS = 60_000;
const TENANTS_MAX_COUNT = 1000;

/** The places for queries of one source, and who has them. */
export class PlacesOfTenants {
  readonly #placesCount: number;
  readonly #clock: Clock;
  readonly #taken = new Map<string, number>();
  /** Number of each tenant's last turn, the latest last. */
  readonly #turns = new Map<string, number>();
  #turnsCount = 0;
  #takenCount = 0;
  #latestTenant: string | null = null;
  #severalUntilMs = 0;

  constructor(options: { concurrencyCount: number; clock: Clock }) {
    this.#placesCount = options.concurrencyCount;
    this.#clock = options.clock;
  }

  get takenCount(): number {
    return this.#takenCount;
  }

  asked(tenant: string): void {
    if (this.#latestTenant !== null && this.#latestTenant !== tenant)
      this.#severalUntilMs = this.#clock.monotonicMs() + SEVERAL_MS;
    this.#latestTenant = tenant;
  }

  /** Whether there is a place, and not only the one that is kept free for others. */
  mayTake(tenant: string): boolean {
    if (this.#takenCount >= this.#placesCount) return false;
    const isForOthers = this.#placesCount > 1 && this.#clock.monotonicMs() < this.#severalUntilMs;
    return !isForOthers || this.#takenOf(tenant) < this.#placesCount - 1;
  }

  take(tenant: string): void {
    this.#takenCount++;
    this.#taken.set(tenant, this.#takenOf(tenant) + 1);
    this.#turns.delete(tenant);
    this.#turns.set(tenant, ++this.#turnsCount);
    const [longestAgo] = this.#turns.keys();
    if (this.#turns.size > TENANTS_MAX_COUNT && longestAgo !== undefined) this.#turns.delete(longestAgo);
  }

  leave(tenant: string): void {
    this.#takenCount--;
    const left = this.#takenOf(tenant) - 1;
    if (left > 0) this.#taken.set(tenant, left);
    else this.#taken.delete(tenant);
  }

  /** Who has fewer places, then whose last turn is longer ago. */
  goesBefore(one: string, other: string): boolean {
    const fewer = this.#takenOf(one) - this.#takenOf(other);
    return fewer !== 0 ? fewer < 0 : (this.#turns.get(one) ?? 0) < (this.#turns.get(other) ?? 0);
  }

  #takenOf(tenant: string): number {
    return this.#taken.get(tenant) ?? 0;
  }
}
