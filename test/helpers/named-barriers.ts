import { Barrier } from './barrier.js';

/**
 * Points in the code under test, by name: who comes to a point passes, unless the test holds it. Points are where a test puts
 * them, in a wrapper around a source, store or slot.
 *
 *     const points = new NamedBarriers();
 *     points.hold('before the fill');
 *     ... await points.arrived('before the fill'); purge; points.open('before the fill');
 */
export class NamedBarriers {
  /** Every pass of a point, in order. */
  readonly passed: string[] = [];
  readonly #held = new Map<string, Barrier>();

  /** Who comes to the point from now on waits. */
  hold(name: string): void {
    if (!this.#held.has(name)) this.#held.set(name, new Barrier());
  }

  /** Called at the point by the code under test. */
  async pass(name: string): Promise<void> {
    await this.#held.get(name)?.pass();
    this.passed.push(name);
  }

  /** Resolves when so many wait at the point, or have, since it is held. */
  arrived(name: string, count = 1): Promise<void> {
    return this.#heldAt(name).arrived(count);
  }

  /** Lets one through who waits there. */
  letOne(name: string): void {
    this.#heldAt(name).letOne();
  }

  /** Lets everyone through, and holds nobody there any more. */
  open(name: string): void {
    this.#heldAt(name).open();
    this.#held.delete(name);
  }

  /** For the end of a test. */
  openAll(): void {
    for (const name of [...this.#held.keys()]) this.open(name);
  }

  #heldAt(name: string): Barrier {
    const barrier = this.#held.get(name);
    if (!barrier) throw new Error(`Nobody is held at "${name}": hold it before the run comes there`);
    return barrier;
  }
}
