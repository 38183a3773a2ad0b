import type { Clock } from '../clock.js';
import type { Flight } from './flights.js';
import type { Generations } from './generations.js';
import type { JoinedFlight } from './joined-flight.js';
import type { CacheObserver } from './observer.js';
import type { CacheRequest } from './request.js';

/** Which flights that are under way a reader may share. */
export class Joining {
  readonly #generations: Generations;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;

  constructor(parts: { generations: Generations; clock: Clock; observer: CacheObserver }) {
    this.#generations = parts.generations;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
  }

  /** Whether what it brings is new enough for this request. */
  may({ proof }: Flight, { tags, policy }: CacheRequest): boolean {
    // Who must not be given what is unproven asks the source himself, and only with others who do.
    if (proof.proven && policy.unproven === 'never' && this.#generations.isIsolated) return false;
    const verdict = this.#generations.compare(proof.stamp, tags);
    if (verdict.is !== 'expired') return verdict.is === 'current';
    // What it lacks is not older than the contract allows: a load of its own would be one for every change.
    return this.#clock.nowMs() < verdict.expiredAtMs + (policy.maxStalenessMs ?? 0);
  }

  join(flight: Flight): JoinedFlight {
    const isUnproven = this.#generations.isIsolated;
    if (isUnproven) this.#observer.event('unproven_joins');
    return { flight, joined: true, isUnproven };
  }
}
