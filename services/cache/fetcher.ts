import { type Agreed, Agreement, type AgreementParts } from './agreement.js';
import type { CacheAnswer } from './answer.js';
import type { Entry } from './entry.js';
import type { FlightPlan } from './flight-plan.js';
import type { Hits } from './hits.js';
import type { LoadCause } from './inspection.js';
import { causeOf } from './judge.js';
import type { Lease } from './lease.js';
import type { Leases } from './leases.js';
import { makeEntry } from './load.js';
import type { RedisStore } from './redis-store.js';
import type { CacheRequest } from './request.js';

export interface FetcherParts extends Omit<AgreementParts, 'store'> {
  /** Null without Redis. */
  readonly redis: RedisStore | null;
  readonly hits: Hits;
  readonly leases: Leases;
}

interface Loading {
  readonly lease: Lease | null;
  readonly previous: Entry | null;
  readonly cause: LoadCause;
}

/** Gets what a flight was begun for: from Redis, from the load of another process, or by a load of its own. */
export class Fetcher {
  readonly #parts: FetcherParts;

  constructor(parts: FetcherParts) {
    this.#parts = parts;
  }

  async fetch(plan: FlightPlan): Promise<CacheAnswer> {
    const agreed = (await this.#seen(plan)) ?? (await this.#agree(plan));
    if (agreed.is === 'found') return this.#answer(agreed);
    const { request, purpose } = plan;
    const { memory, judge, loader, leases, redis, clock, observer } = this.#parts;
    const failure = loader.failureOf(request);
    if (failure && !agreed.lease) throw failure.error;
    const held = memory.read(request.key.hash);
    const { proof, lease, found } = agreed;
    const judged = [judge.of(found, request), judge.of(held, request)];
    const cause = purpose === 'warming' || purpose === 'reload' ? purpose : causeOf(judged);
    const loading = { previous: found ?? held ?? null, cause };
    const begin = (lease: Lease | null) => this.#loadAndFill({ ...plan, proof }, { ...loading, lease });
    if (purpose === 'refresh') observer.event('revalidations');
    if (purpose === 'warming') observer.event('warming_loads');
    if (!redis || !lease) return begin(null);
    return leases.during({ keyHash: request.key.hash, ...lease }, { store: redis, clock, observer }, begin);
  }

  /** What was seen in Redis is mostly there yet: that takes no agreement. */
  async #seen({ request, proof, purpose }: FlightPlan): Promise<Agreed | null> {
    const { redis, judge } = this.#parts;
    if (!redis || !proof.proven || purpose !== 'read') return null;
    const entry = await redis.readSeen(request.key, proof.stamp);
    if (entry === null) return null;
    if (entry === 'unanswered') return { is: 'load', proof, lease: null, found: null };
    const judged = judge.of(entry, request);
    return judged.use === 'fresh' ? { is: 'found', entry, judged, waited: false } : null;
  }

  /** Without Redis, or while it does not vouch for our generations, each process loads for itself. */
  async #agree(plan: FlightPlan): Promise<Agreed> {
    const { redis, ...parts } = this.#parts;
    if (!redis) return { is: 'load', proof: plan.proof, lease: null, found: null };
    return new Agreement(plan, { ...parts, store: redis }).reach();
  }

  #answer({ entry, judged, waited }: Agreed & { is: 'found' }): CacheAnswer {
    this.#parts.memory.write(entry);
    const hit = this.#parts.hits.of(entry, judged, 'l2');
    // Who waited for a load has missed, wherever it ran.
    return waited && hit.outcome === 'hit' ? { ...hit, outcome: 'collapsed', layer: 'source' } : hit;
  }

  async #loadAndFill(plan: FlightPlan, { lease, previous, cause }: Loading): Promise<CacheAnswer> {
    const { request, proof } = plan;
    const { loader, clock, random, observer, memory, generations } = this.#parts;
    const { content, keep } = await loader.load(request, cause);
    const made = { request, content, stamp: proof.stamp, previous, nowMs: clock.nowMs(), random };
    const entry = await makeEntry(made);
    if (previous?.etag === entry.etag) observer.event('renewals');
    const at = { entry, layer: 'source', staleAtMs: entry.staleAtMs, outcome: 'miss' } as const;
    if (!keep) {
      await this.#drop(request);
      return { ...at, stored: false, keep };
    }
    const isPurged = generations.compare(proof.stamp, request.tags).is === 'purged';
    const isRefused = isPurged || !(await this.#handOver(entry, plan, lease));
    if (isRefused) {
      observer.event('refused_fills');
      return { ...at, stored: false };
    }
    const written = memory.write(entry);
    if (written === 'too_large') {
      observer.event('too_large');
      await this.#drop(request);
    }
    // What memory does not admit yet is in Redis, where the lease has put it.
    return { ...at, stored: written === 'kept' || (written === 'not_admitted' && lease !== null) };
  }

  /** What may not or cannot be kept takes its predecessor away: old data must not outlive new. */
  async #drop({ key }: CacheRequest): Promise<void> {
    this.#parts.memory.remove(key.hash);
    await this.#parts.redis?.remove(key);
  }

  /** Whether the entry may be kept. The lease is the fence between all flights of a key; without one each process has its own. */
  async #handOver(entry: Entry, { isCurrent }: FlightPlan, lease: Lease | null): Promise<boolean> {
    return lease && this.#parts.memory.fits(entry) ? lease.fill(entry) : isCurrent();
  }
}
