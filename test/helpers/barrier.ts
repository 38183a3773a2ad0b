/**
 * A gate in the code under test: who comes to it waits until the test opens it, and the test can wait for those who came.
 * It puts a request exactly into the window that the test means.
 */
export class Barrier {
  #arrivedCount = 0;
  #isOpen = false;
  readonly #held: (() => void)[] = [];
  readonly #watchers: { count: number; tell: () => void }[] = [];

  get arrivedCount(): number {
    return this.#arrivedCount;
  }

  /** Called by the code under test: resolves when the barrier is open. */
  async pass(): Promise<void> {
    this.#arrivedCount++;
    for (const watcher of this.#watchers) if (this.#arrivedCount >= watcher.count) watcher.tell();
    if (this.#isOpen) return;
    await new Promise<void>((resolve) => this.#held.push(resolve));
  }

  /** Resolves once `count` in all have come, whether still held or let through. */
  async arrived(count = 1): Promise<void> {
    if (this.#arrivedCount >= count) return;
    await new Promise<void>((tell) => this.#watchers.push({ count, tell }));
  }

  /** Lets one through who waits. */
  letOne(): void {
    this.#held.shift()?.();
  }

  /** Lets everyone through, now and later. */
  open(): void {
    this.#isOpen = true;
    for (const release of this.#held.splice(0)) release();
  }
}
