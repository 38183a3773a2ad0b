import { type FillSignals, silentFillSignals } from './fill-signals.js';

const WAITERS_MAX_COUNT = 10_000;

/** Who waits for the end of a load of which key. Beyond the bound a waiter is told nothing and left to its intervals. */
export class FillWaiters implements FillSignals {
  readonly #waiters = new Map<string, Set<() => void>>();
  #count = 0;

  next(keyHash: string): { readonly told: Promise<void>; cancel(): void } {
    if (this.#count >= WAITERS_MAX_COUNT) return silentFillSignals.next(keyHash);
    let tell = (): void => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const ofKey = this.#waiters.get(keyHash) ?? new Set();
    this.#waiters.set(keyHash, ofKey.add(tell));
    this.#count++;
    return { told, cancel: () => this.#forget(keyHash, tell) };
  }

  /** A load of the key has ended: all who wait for it now are told. */
  tell(keyHash: string): void {
    const ofKey = this.#waiters.get(keyHash);
    if (!ofKey) return;
    this.#waiters.delete(keyHash);
    this.#count -= ofKey.size;
    for (const tell of ofKey) tell();
  }

  #forget(keyHash: string, tell: () => void): void {
    const ofKey = this.#waiters.get(keyHash);
    if (!ofKey?.delete(tell)) return;
    this.#count--;
    if (ofKey.size === 0) this.#waiters.delete(keyHash);
  }
}
