import { Lease, type LeaseParts } from './lease.js';

/** The leases that this process holds. */
export class Leases {
  readonly #held = new Set<Lease>();

  /** Runs a load under a lease that was just given; whatever becomes of it, the lease is over then. */
  async during<T>(
    held: ConstructorParameters<typeof Lease>[0],
    parts: LeaseParts,
    run: (lease: Lease) => Promise<T>,
  ): Promise<T> {
    const lease = new Lease(held, parts);
    this.#held.add(lease);
    parts.observer.event('leases_taken');
    try {
      return await run(lease);
    } catch (error) {
      await lease.fail(error);
      throw error;
    } finally {
      this.#held.delete(lease);
      await lease.release();
    }
  }

  /** Gives all back, so that nobody waits for a process that ends. Loads under way are answered, but keep nothing. */
  async giveBack(): Promise<void> {
    await Promise.all([...this.#held].map((lease) => lease.release()));
  }
}
