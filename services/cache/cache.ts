import type { Clock } from '../clock.js';
import type { Acknowledgement } from './acknowledgement.js';
import type { CacheAnswer } from './answer.js';
import type { InvalidationMode } from './control-slot.js';
import type { Entry } from './entry.js';
import { type Flight, Flights } from './flights.js';
import type { Generations, Proof } from './generations.js';
import type { InspectedCopy, Inspection, LoadCause } from './inspection.js';
import { causeOf, Judge, type Judgement } from './judge.js';
import { makeEntry } from './load.js';
import { Loader } from './loader.js';
import type { MemoryStore } from './memory-store.js';
import type { CacheObserver } from './observer.js';
import type { RedisStore } from './redis-store.js';
import type { CacheRequest } from './request.js';
import type { Stamp } from './stamp.js';

export interface CacheParts {
  readonly memory: MemoryStore;
  /** Null without Redis. */
  readonly redis: RedisStore | null;
  readonly generations: Generations;
  readonly clock: Clock;
  readonly observer: CacheObserver;
  /** Gives [0, 1); spreads the instants at which entries become stale. */
  readonly random: () => number;
}

/**
 * The two-level cache: memory, then Redis, then the load. A read is answered by the first that has something usable;
 * readers of one key share one look-up and load.
 */
export class Cache {
  readonly #memory: MemoryStore;
  readonly #redis: RedisStore | null;
  readonly #generations: Generations;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  readonly #random: () => number;
  readonly #flights = new Flights();
  readonly #bypasses = new Flights();
  readonly #judge: Judge;
  readonly #loader: Loader;

  constructor(parts: CacheParts) {
    this.#memory = parts.memory;
    this.#redis = parts.redis;
    this.#generations = parts.generations;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
    this.#random = parts.random;
    this.#judge = new Judge(parts);
    this.#loader = new Loader(parts);
  }

  /** Rejects with the load's error when the load fails and nothing stale may be served. */
  async read(request: CacheRequest): Promise<CacheAnswer> {
    const startedMs = this.#clock.monotonicMs();
    const proof =
      this.#generations.proveFromMemory(request.tags) ?? (await this.#generations.prove(request.tags));
    if (this.#generations.isSwitchedOff(request.tags)) return this.#skip(request, proof.stamp);
    const held = this.#memory.read(request.key.hash);
    const judged = this.#judge.of(held, request);
    this.#observer.operation('l1_read', this.#clock.monotonicMs() - startedMs);
    if (held && judged.use === 'fresh') return this.#hit(held, judged, 'l1');
    if (held && judged.use === 'stale') return this.#readStale(held, judged, { request, proof });
    return this.#readThrough(request, proof);
  }

  /** A read that skips the cache; readers at the same time still share one load, and nothing is kept. */
  async bypass(request: CacheRequest): Promise<CacheAnswer> {
    const { stamp } = await this.#generations.prove(request.tags);
    return this.#skip(request, stamp);
  }

  /**
   * Makes sure that something fresh is kept, and waits for it also when something stale is at hand. Rejects with the load's error;
   * bypasses what is switched off.
   */
  async warm(request: CacheRequest): Promise<CacheAnswer> {
    const proof = await this.#generations.prove(request.tags);
    if (this.#generations.isSwitchedOff(request.tags)) return this.#skip(request, proof.stamp);
    const held = this.#memory.peek(request.key.hash);
    const judged = this.#judge.of(held, request);
    if (held && judged.use === 'fresh') return this.#hit(held, judged, 'l1');
    const answer = await seenBy(this.#flightOf(request, proof, 'warming'));
    // A joined flight of readers was content with what is stale in Redis.
    if (answer.outcome !== 'stale_hit') return answer;
    return seenBy(this.#flightOf(request, await this.#generations.prove(request.tags), 'warming'));
  }

  /** What a read would find now. Loads nothing, counts nothing and leaves the order of eviction as it is. */
  async inspect(request: CacheRequest): Promise<Inspection> {
    const { proven } = await this.#generations.prove(request.tags);
    const l2 = proven && this.#redis ? await this.#redis.peek(request.key) : null;
    return {
      l1: this.#inspected(this.#memory.peek(request.key.hash), request),
      l2: this.#inspected(l2, request),
      isSwitchedOff: this.#generations.isSwitchedOff(request.tags),
    };
  }

  /**
   * Gives tags new generations: after a purge nobody sees the old data, after an expire it may be served once more. A purge that
   * waits is in force in every process when it resolves. `cause` is one short word of letters.
   */
  invalidate(
    tags: readonly string[],
    mode: InvalidationMode,
    { cause = 'request', wait = true }: { cause?: string; wait?: boolean } = {},
  ): Promise<Acknowledgement> {
    return this.#generations.invalidate({ tags, mode, cause }, { wait });
  }

  /** Whether reads of requests that carry the tag use the cache; in force in every process when it resolves. */
  switch(tag: string, enabled: boolean): Promise<Acknowledgement> {
    return this.#generations.switch({ tag, enabled });
  }

  /** Every switch that was ever moved, by its tag: whether it is off. */
  switches(): ReadonlyMap<string, boolean> {
    return this.#generations.switches();
  }

  /** Asks the truth for the switches now. Whether it answered. */
  refreshSwitches(): Promise<boolean> {
    return this.#generations.refresh();
  }

  /** Resolves when no load is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([this.#flights.settled(), this.#bypasses.settled()]);
  }

  #skip(request: CacheRequest, stamp: Stamp): Promise<CacheAnswer> {
    const running = this.#bypasses.get(request.key.hash);
    if (running && this.#mayJoin(running, request)) return running.landed;
    const flight = this.#bypasses.begin(request.key.hash, stamp, async () => {
      const { content, keep } = await this.#loader.load(request, 'bypass');
      const entry = await makeEntry({ ...this.#making(request), content, stamp, previous: null });
      const at = { entry, layer: 'source', staleAtMs: entry.staleAtMs } as const;
      return { ...at, outcome: 'bypass', stored: false, ...(!keep && { keep }) };
    });
    return flight.landed;
  }

  /** Something stale is at hand: one flight refreshes it, and readers wait for it at most the soft deadline. */
  async #readStale(
    held: Entry,
    judged: Judgement,
    at: { request: CacheRequest; proof: Proof },
  ): Promise<CacheAnswer> {
    const { request, proof } = at;
    const flight = this.#loader.isFailing(request) ? null : this.#flightOf(request, proof, 'refresh');
    if (flight && request.policy.softDeadlineMs !== null) {
      const refreshed = await this.#withinSoftDeadline(flight, request.policy.softDeadlineMs);
      if (refreshed) return refreshed;
    }
    return this.#hit(held, { ...judged, use: this.#staleUse(request) }, 'l1');
  }

  /** Nothing to serve at once: wait for the flight; if it fails, what is stale-if-error is served instead. */
  async #readThrough(request: CacheRequest, proof: Proof): Promise<CacheAnswer> {
    try {
      const answer = await this.#land(this.#flightOf(request, proof, 'read'), request);
      // Redis had something stale within grace: it is served, and refreshed like a stale entry of memory.
      if (answer.outcome === 'stale_hit' && answer.layer === 'l2') this.#flightOf(request, proof, 'refresh');
      return answer;
    } catch (error) {
      const held = this.#memory.read(request.key.hash);
      const judged = this.#judge.of(held, request);
      if (!held || judged.use === 'unusable') throw error;
      // Fresh when a later flight has brought news while this one failed.
      return this.#hit(held, judged.use === 'fresh' ? judged : { ...judged, use: 'stale-if-error' }, 'l1');
    }
  }

  /** With a soft deadline, nobody waits for the whole load while there is something stale-if-error, here or found in Redis. */
  async #land(flight: JoinedFlight, request: CacheRequest): Promise<CacheAnswer> {
    const { softDeadlineMs } = request.policy;
    const landed = softDeadlineMs === null ? null : await this.#withinSoftDeadline(flight, softDeadlineMs);
    if (landed) return landed;
    const held = softDeadlineMs === null ? undefined : this.#memory.read(request.key.hash);
    const judged = this.#judge.of(held, request);
    if (!held || judged.use === 'unusable') return seenBy(flight);
    return this.#hit(held, { ...judged, use: this.#staleUse(request) }, 'l1');
  }

  /** Asked when the reader stops waiting: the source may have failed meanwhile. */
  #staleUse(request: CacheRequest): 'stale' | 'stale-if-error' {
    return this.#loader.isFailing(request) ? 'stale-if-error' : 'stale';
  }

  /** Joins the running flight of the key if its generations are still current, else starts one. */
  #flightOf(request: CacheRequest, proof: Proof, purpose: Purpose): JoinedFlight {
    const { hash } = request.key;
    const running = this.#flights.get(hash);
    if (running && this.#mayJoin(running, request)) return { flight: running, joined: true };
    if (purpose === 'refresh') this.#observer.event('revalidations');
    const flight = this.#flights.begin(hash, proof.stamp, (isCurrent) =>
      this.#fly({ request, proof, purpose, isCurrent }),
    );
    return { flight, joined: false };
  }

  #mayJoin(flight: Flight, request: CacheRequest): boolean {
    return this.#generations.compare(flight.stamp, request.tags).is === 'current';
  }

  /**
   * Looks in Redis, then loads, unless that failed just now. Readers also take what is stale there within
   * grace, a refresh and a warming only what is fresh.
   */
  async #fly(flight: FlightPlan): Promise<CacheAnswer> {
    const { request, proof, purpose } = flight;
    const found = proof.proven && this.#redis ? await this.#redis.read(request.key) : null;
    const judged = this.#judge.of(found, request);
    if (found && (judged.use === 'fresh' || (judged.use === 'stale' && purpose === 'read'))) {
      this.#memory.write(found);
      return this.#hit(found, judged, 'l2');
    }
    const held = this.#memory.read(request.key.hash);
    const judgedHere = this.#judge.of(held, request);
    // Kept at hand for readers whose load fails, unless memory has something for them.
    if (found && judged.use !== 'unusable' && judgedHere.use === 'unusable') this.#memory.write(found);
    const failure = this.#loader.failureOf(request);
    if (failure) throw failure.error;
    const cause = purpose === 'warming' ? purpose : causeOf([judged, judgedHere]);
    return this.#loadAndStore(flight, { previous: found ?? held ?? null, cause });
  }

  async #loadAndStore(
    { request, proof, isCurrent }: FlightPlan,
    { previous, cause }: { previous: Entry | null; cause: LoadCause },
  ): Promise<CacheAnswer> {
    const { content, keep } = await this.#loader.load(request, cause);
    const entry = await makeEntry({ ...this.#making(request), content, stamp: proof.stamp, previous });
    if (previous?.etag === entry.etag) this.#observer.event('renewals');
    const isPurged = this.#generations.compare(proof.stamp, request.tags).is === 'purged';
    const isRefused = isPurged || !isCurrent();
    const stored = keep && !isRefused && this.#memory.write(entry);
    if (isRefused) this.#observer.event('refused_fills');
    else if (!keep) await this.#drop(request);
    else if (!stored) this.#observer.event('too_large');
    else if (proof.proven) await this.#redis?.write(entry);
    const at = { entry, layer: 'source', staleAtMs: entry.staleAtMs } as const;
    return { ...at, outcome: 'miss', stored, ...(!keep && { keep }) };
  }

  /** What may not be kept takes its predecessor away: old data must not outlive new. */
  async #drop({ key }: CacheRequest): Promise<void> {
    this.#memory.remove(key.hash);
    await this.#redis?.remove(key);
  }

  #making(request: CacheRequest): { request: CacheRequest; nowMs: number; random: () => number } {
    return { request, nowMs: this.#clock.nowMs(), random: this.#random };
  }

  #inspected(entry: Entry | undefined | null, request: CacheRequest): InspectedCopy | null {
    const { verdict, use, staleAtMs } = this.#judge.of(entry, request);
    return entry && verdict ? { entry, use, staleAtMs, verdict } : null;
  }

  #hit(entry: Entry, { use, staleAtMs }: Judgement, layer: 'l1' | 'l2'): CacheAnswer {
    // Also for a hit in memory: whoever makes room in Redis must know what is in use.
    this.#redis?.noteRead(entry.keyHash);
    const outcome = this.#generations.isIsolated ? 'unproven_hit' : OUTCOME_OF_USE[use];
    return { entry, outcome, layer, staleAtMs, stored: false };
  }

  async #withinSoftDeadline(joined: JoinedFlight, softDeadlineMs: number): Promise<CacheAnswer | null> {
    let cancel = (): void => {};
    const tooLate = new Promise<null>((resolve) => {
      cancel = this.#clock.after(softDeadlineMs, () => resolve(null));
    });
    return Promise.race([seenBy(joined).catch(() => null), tooLate]).finally(cancel);
  }
}

interface JoinedFlight {
  readonly flight: Flight;
  readonly joined: boolean;
}

/** Whom a flight was begun for: readers who wait, the next reader, or whoever asked for a warm cache. */
type Purpose = 'read' | 'refresh' | 'warming';

interface FlightPlan {
  readonly request: CacheRequest;
  readonly proof: Proof;
  readonly purpose: Purpose;
  /** False once another flight of the key has begun: this one may answer its readers, but keep nothing. */
  readonly isCurrent: () => boolean;
}

const OUTCOME_OF_USE = {
  fresh: 'hit',
  stale: 'stale_hit',
  'stale-if-error': 'error_hit',
  unusable: 'error_hit',
} as const;

/** The flight's answer as this reader counts it: who joined another's load collapsed, a find in Redis is everybody's hit. */
async function seenBy({ flight, joined }: JoinedFlight): Promise<CacheAnswer> {
  const answer = await flight.landed;
  return joined && answer.outcome === 'miss' ? { ...answer, outcome: 'collapsed' } : answer;
}
