import { LRUCache } from 'lru-cache';

const TENANTS_MAX_COUNT = 10_000;

interface Turn {
  number: number;
  /** Monotonic ms: he has had his share until then. */
  opensAtMs: number;
}

/** Whose turn it is among tenants: his whose last turn is longest ago. */
export class TenantTurns {
  readonly #turns = new LRUCache<string, Turn>({ max: TENANTS_MAX_COUNT });
  #count = 0;

  /** Number of the tenant's last turn; 0: he had none. */
  lastOf(tenant: string): number {
    return this.#turns.get(tenant)?.number ?? 0;
  }

  opensAtMs(tenant: string): number {
    return this.#turns.get(tenant)?.opensAtMs ?? 0;
  }

  take(tenant: string): void {
    this.#turns.set(tenant, { number: ++this.#count, opensAtMs: 0 });
  }

  close(tenant: string, untilMs: number): void {
    this.#turns.set(tenant, { number: this.lastOf(tenant), opensAtMs: untilMs });
  }
}
