import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import { PlacesOfTenants } from './places-of-tenants.js';
import type { QueryTurn, Urgency } from './query-turn.js';

export interface QueryQueueOptions {
  /** Queries at once. */
  readonly concurrencyCount: number;
  readonly maxWaitingCount: number;
  /** Age at which a waiter is sent away: its reader would not wait much longer anyway. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

export interface Entering {
  readonly maxWaitMs?: number;
  /** Whose query it is; by default nobody's, and somebody waits for it. */
  readonly turn?: Pick<QueryTurn, 'tenant' | 'urgency'> | undefined;
}

interface Waiter {
  readonly tenant: string;
  readonly urgency: Urgency;
  admit(): void;
  refuse(error: Error): void;
}

/** Panels without tenants take turns with the tenants, as one. */
const NOBODY = '';

/**
 * The door in front of a source: so many queries at once, the rest in a queue bounded in length and age (invariants 8 and 11). Who is
 * waited for goes before what can wait, then the tenant with the fewest queries under way, then whose last turn is longest ago, then in
 * order of coming. Beyond the bounds `enter` rejects with source_overloaded and an estimate of when to come back.
 */
export class QueryQueue {
  readonly #options: QueryQueueOptions;
  readonly #waiting = new Set<Waiter>();
  readonly #places: PlacesOfTenants;
  /** Moving average of how long a place is held: what the estimate is made of. */
  #averageHeldMs = 100;
  #closed: Error | null = null;

  constructor(options: QueryQueueOptions) {
    this.#options = options;
    this.#places = new PlacesOfTenants(options);
  }

  get runningCount(): number {
    return this.#places.takenCount;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Resolves with the release of a place, after `maxWaitMs` at the latest. Rejects with the signal's reason when it aborts first: the waiter has then left. */
  async enter(signal: AbortSignal, entering: Entering = {}): Promise<() => void> {
    if (this.#closed) throw this.#closed;
    signal.throwIfAborted();
    const tenant = entering.turn?.tenant.text ?? NOBODY;
    this.#places.asked(tenant);
    if (this.#places.mayTake(tenant)) this.#places.take(tenant);
    else {
      if (!this.#hasRoomFor(tenant)) throw this.#overloaded();
      await this.#wait({ tenant, urgency: entering.turn?.urgency ?? 'read' }, { signal, ...entering });
    }
    return this.#heldPlace(tenant);
  }

  /** Sends every waiter away with `error`, and whoever comes later. Places that are held stay held until released. */
  close(error: Error): void {
    this.#closed = error;
    for (const waiter of [...this.#waiting]) waiter.refuse(error);
  }

  /** Where the queue is full, whoever has most in it loses his last place to others. */
  #hasRoomFor(tenant: string): boolean {
    if (this.#waiting.size < this.#options.maxWaitingCount) return true;
    const counts = new Map<string, number>();
    for (const waiter of this.#waiting) counts.set(waiter.tenant, (counts.get(waiter.tenant) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    if (!most || most[1] <= (counts.get(tenant) ?? 0) + 1) return false;
    [...this.#waiting].findLast((waiter) => waiter.tenant === most[0])?.refuse(this.#overloaded());
    return true;
  }

  #heldPlace(tenant: string): () => void {
    const sinceMs = this.#options.clock.monotonicMs();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#averageHeldMs += (this.#options.clock.monotonicMs() - sinceMs - this.#averageHeldMs) / 8;
      this.#places.leave(tenant);
      this.#admitNext();
    };
  }

  /** Places go straight to waiters, so nobody who comes now can overtake. */
  #admitNext(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#places.take(next.tenant);
      next.admit();
    }
  }

  #next(): Waiter | undefined {
    let next: Waiter | undefined;
    for (const waiter of this.#waiting)
      if (this.#places.mayTake(waiter.tenant) && (!next || this.#goesBefore(waiter, next))) next = waiter;
    return next;
  }

  #goesBefore(one: Waiter, other: Waiter): boolean {
    if (one.urgency === 'upkeep' || other.urgency === 'upkeep')
      if (one.urgency !== other.urgency) return other.urgency === 'upkeep';
    return this.#places.goesBefore(one.tenant, other.tenant);
  }

  #wait(
    who: Pick<Waiter, 'tenant' | 'urgency'>,
    { signal, maxWaitMs = this.#options.maxWaitMs }: { signal: AbortSignal; maxWaitMs?: number },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        cancelAge();
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        ...who,
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
