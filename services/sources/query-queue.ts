import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';

export interface QueryQueueOptions {
  /** Queries at once. */
  readonly concurrencyCount: number;
  readonly maxWaitingCount: number;
  /** Age at which a waiter is sent away: its reader would not wait much longer anyway. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

interface Waiter {
  admit(): void;
  refuse(error: Error): void;
}

/**
 * The door in front of a source: so many queries at once, the rest in a first-come queue bounded in length and age
 * (invariants 8 and 11). Beyond the bounds `enter` rejects with source_overloaded and an estimate of when to come back.
 */
export class QueryQueue {
  readonly #options: QueryQueueOptions;
  readonly #waiting = new Set<Waiter>();
  #runningCount = 0;
  /** Moving average of how long a place is held: what the estimate is made of. */
  #averageHeldMs = 100;
  #closed: Error | null = null;

  constructor(options: QueryQueueOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#runningCount;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Resolves with the release of a place, after `maxWaitMs` at the latest. Rejects with the signal's reason when it aborts first: the waiter has then left. */
  async enter(signal: AbortSignal, maxWaitMs = this.#options.maxWaitMs): Promise<() => void> {
    if (this.#closed) throw this.#closed;
    signal.throwIfAborted();
    if (this.#runningCount < this.#options.concurrencyCount) return this.#admit();
    if (this.#waiting.size >= this.#options.maxWaitingCount) throw this.#overloaded();
    await this.#wait(signal, maxWaitMs);
    return this.#heldPlace();
  }

  /** Sends every waiter away with `error`, and whoever comes later. Places that are held stay held until released. */
  close(error: Error): void {
    this.#closed = error;
    for (const waiter of [...this.#waiting]) waiter.refuse(error);
  }

  #admit(): () => void {
    this.#runningCount++;
    return this.#heldPlace();
  }

  #heldPlace(): () => void {
    const sinceMs = this.#options.clock.monotonicMs();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#averageHeldMs += (this.#options.clock.monotonicMs() - sinceMs - this.#averageHeldMs) / 8;
      // The place goes straight to the first waiter, so nobody who comes now can overtake.
      const [next] = this.#waiting;
      if (next) next.admit();
      else this.#runningCount--;
    };
  }

  #wait(signal: AbortSignal, maxWaitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        cancelAge();
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        admit: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.refuse(signal.reason);
      const cancelAge = this.#options.clock.after(maxWaitMs, () => waiter.refuse(this.#overloaded()));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  #overloaded(): DashcacheError {
    const roundsCount = (this.#waiting.size + 1) / this.#options.concurrencyCount;
    const waitSeconds = Math.ceil((roundsCount * this.#averageHeldMs) / 1000);
    return new DashcacheError('source_overloaded', {
      detail: 'Too many queries wait for this data source. Try again shortly.',
      retryAfterSeconds: Math.min(60, Math.max(1, waitSeconds)),
    });
  }
}
