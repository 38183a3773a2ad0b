import { NamedBarriers } from './named-barriers.js';

/** What every value is at first, and what it is changed to. */
export const OLD_VERSION = 1;
export const NEW_VERSION = 2;

/** The truth behind several processes. A query that has read an old value is held until the test lets it go. */
export class HeldDatabase {
  readonly #changed = new Set<string>();
  readonly #points = new NamedBarriers();
  #keysCount = 0;

  /** One that nobody has used. */
  newKey(): number {
    return this.#keysCount++;
  }

  async query(name: string): Promise<number> {
    if (this.#changed.has(name)) return NEW_VERSION;
    await this.#points.pass(name);
    return OLD_VERSION;
  }

  /** To be called before the query comes. */
  hold(name: string): void {
    this.#points.hold(name);
  }

  /** Resolves when a query has read the old value and is held. */
  arrived(name: string): Promise<void> {
    return this.#points.arrived(name);
  }

  change(name: string): void {
    this.#changed.add(name);
  }

  letGo(name: string): void {
    this.#points.open(name);
  }
}
