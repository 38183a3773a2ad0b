import type { Clock } from '../clock.js';
import type { Acknowledgement } from './acknowledgement.js';
import type { CacheAnswer } from './answer.js';
import type { CacheParts } from './cache-parts.js';
import type { InvalidationMode } from './control-slot.js';
import type { Entry } from './entry.js';
import { Fetcher } from './fetcher.js';
import { silentFillSignals } from './fill-signals.js';
import type { Purpose } from './flight-plan.js';
import { Flights } from './flights.js';
import { FreshHits } from './fresh-hits.js';
import type { Generations, Proof } from './generations.js';
import { Hits } from './hits.js';
import type { Inspection, Outlook } from './inspection.js';
import { Inspector } from './inspector.js';
import { type JoinedFlight, landedWithin, seenBy } from './joined-flight.js';
import { Joining } from './joining.js';
import { Judge, type Judgement } from './judge.js';
import { Leases } from './leases.js';
import { makeEntry } from './load.js';
import { Loader } from './loader.js';
import type { MemoryStore } from './memory-store.js';
import type { CacheObserver } from './observer.js';
import { RecentReads } from './recent-reads.js';
import { Refresher } from './refresher.js';
import { Reloads } from './reloads.js';
import type { CacheRequest } from './request.js';
import { Upkeep } from './upkeep.js';
import { Watches } from './watches.js';
import { withinMs } from './within-ms.js';

/**
 * The two-level cache: memory, then Redis, then the load. A read is answered by the first that has something usable;
 * readers of one key share one look-up and load, in this process by a flight, over all of them by a lease in Redis.
 */
export class Cache {
  /** For those who go on looking. */
  readonly watches: Watches;
  readonly fresh: FreshHits;
  readonly #memory: MemoryStore;
  readonly #generations: Generations;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  readonly #random: () => number;
  readonly #flights = new Flights();
  readonly #bypasses = new Flights();
  readonly #reloads: Reloads;
  readonly #leases = new Leases();
  readonly #joining: Joining;
  readonly #judge: Judge;
  readonly #loader: Loader;
  readonly #hits: Hits;
  readonly #fetcher: Fetcher;
  readonly #reads: RecentReads;
  readonly #refresher: Refresher;
  readonly #inspector: Inspector;

  constructor(parts: CacheParts) {
    this.#memory = parts.memory;
    this.#generations = parts.generations;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
    this.#random = parts.random;
    this.#joining = new Joining(parts);
    this.#judge = new Judge(parts);
    this.watches = new Watches({ judge: this.#judge, clock: parts.clock });
    this.#loader = new Loader(parts);
    this.#hits = new Hits({ ...parts, loader: this.#loader });
    this.#fetcher = new Fetcher({
      ...parts,
      signals: parts.signals ?? silentFillSignals,
      judge: this.#judge,
      loader: this.#loader,
      hits: this.#hits,
      leases: this.#leases,
    });
    this.#reads = new RecentReads(parts.clock);
    this.fresh = new FreshHits({ ...parts, judge: this.#judge, reads: this.#reads });
    this.#reloads = new Reloads({
      ...parts,
      flights: this.#flights,
      fetcher: this.#fetcher,
      loader: this.#loader,
      reads: this.#reads,
      skip: (request, proof) => this.#skip(request, proof),
    });
    const upkeep = new Upkeep({
      ...parts,
      judge: this.#judge,
      loader: this.#loader,
      flightOf: (request, proof) => this.#flightOf(request, proof, 'refresh').flight,
      taken: (entry) => this.watches.landed(entry),
    });
    this.#refresher = new Refresher({ reads: this.#reads, clock: parts.clock, upkeep });
    this.#inspector = new Inspector({
      ...parts,
      judge: this.#judge,
      refresher: this.#refresher,
      flights: this.#flights,
    });
    this.#generations.onLoss(() => this.#refresher.lost());
    this.#generations.onNews(() => {
      this.watches.changed();
      this.#refresher.changed();
    });
  }

  /** Rejects with the load's error when the load fails and nothing stale may be served. */
  async read(request: CacheRequest): Promise<CacheAnswer> {
    const fresh = this.fresh.read(request);
    if (fresh) return fresh;
    const startedMs = this.#clock.monotonicMs();
    const proof =
      this.#generations.proveFromMemory(request.tags) ?? (await this.#generations.prove(request.tags));
    if (this.#generations.isSwitchedOff(request.tags)) return this.#skip(request, proof);
    this.#reads.note(request);
    const held = this.#memory.read(request.key.hash);
    const judged = this.#judge.of(held, request);
    this.#observer.operation('l1_read', this.#clock.monotonicMs() - startedMs);
    if (held && judged.use === 'fresh') return this.#hits.of(held, judged, 'l1');
    if (held && judged.use === 'stale') return this.#readStale(held, judged, request);
    return this.#readThrough(request, proof);
  }

  /** A read that skips the cache; readers at the same time still share one load, and nothing is kept. */
  async bypass(request: CacheRequest): Promise<CacheAnswer> {
    return this.#skip(request, await this.#generations.prove(request.tags));
  }

  /**
   * Makes sure that something fresh is kept, and waits for it also when something stale is at hand. Rejects with the load's error;
   * bypasses what is switched off.
   */
  async warm(request: CacheRequest): Promise<CacheAnswer> {
    const proof = await this.#generations.prove(request.tags);
    if (this.#generations.isSwitchedOff(request.tags)) return this.#skip(request, proof);
    const held = this.#memory.peek(request.key.hash);
    const judged = this.#judge.of(held, request);
    if (held && judged.use === 'fresh') return this.#hits.of(held, judged, 'l1');
    const answer = await seenBy(this.#flightOf(request, proof, 'warming'));
    // A joined flight of readers was content with what is stale in Redis.
    if (answer.outcome !== 'stale_hit') return answer;
    return seenBy(this.#flightOf(request, await this.#generations.prove(request.tags), 'warming'));
  }

  /**
   * A load that begins after this was asked, whatever is at hand; all who ask before it begins share it. It is kept as any. Rejects
   * with its error, and what is kept stays; bypasses what is switched off.
   */
  async reload(request: CacheRequest): Promise<CacheAnswer> {
    const answer = await this.#reloads.reload(request);
    if (answer.outcome !== 'bypass') this.watches.landed(answer.entry);
    return answer;
  }

  /** What a read would find now. Loads nothing, counts nothing and leaves the order of eviction as it is. */
  inspect(request: CacheRequest): Promise<Inspection> {
    return this.#inspector.inspect(request);
  }

  /** What is being done to renew what is kept, and until when that is within its contract. */
  outlook(request: CacheRequest): Outlook {
    return this.#inspector.outlook(request);
  }

  /**
   * Gives tags new generations: after a purge nobody sees the old data, after an expire it may be served once more. A purge that
   * waits is in force in every process when it resolves. `cause` is one short word of letters, `callId` tells one call from others.
   */
  invalidate(
    tags: readonly string[],
    mode: InvalidationMode,
    { cause = 'request', callId, wait = true }: { cause?: string; callId?: string; wait?: boolean } = {},
  ): Promise<Acknowledgement> {
    return this.#generations.invalidate(
      { tags, mode, cause, ...(callId !== undefined && { callId }) },
      { wait },
    );
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

  get loadsUnderWayCount(): number {
    return this.#flights.runningCount + this.#bypasses.runningCount;
  }

  /** Resolves when no load is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([this.#flights.settled(), this.#bypasses.settled(), this.#refresher.settled()]);
  }

  /** Waits for loads under way, but no longer than that; then nobody elsewhere waits for what still runs here. */
  async close(waitMs: number): Promise<void> {
    this.#refresher.end();
    this.watches.end();
    await withinMs(this.settled(), waitMs, this.#clock);
    await this.#leases.giveBack();
  }

  #skip(request: CacheRequest, proof: Proof): Promise<CacheAnswer> {
    const { stamp } = proof;
    const running = this.#bypasses.get(request.key.hash);
    if (running && this.#joining.may(running, request)) return seenBy(this.#joining.join(running));
    const flight = this.#bypasses.begin(request.key.hash, proof, async () => {
      const { content, keep } = await this.#loader.load(request, 'bypass');
      const made = { request, nowMs: this.#clock.nowMs(), random: this.#random };
      const entry = await makeEntry({ ...made, content, stamp, previous: null });
      const at = { entry, layer: 'source', staleAtMs: entry.staleAtMs } as const;
      return { ...at, outcome: 'bypass', stored: false, ...(!keep && { keep }) };
    });
    return flight.landed;
  }

  /** Something stale is at hand: it is refreshed, and readers wait for that at most the soft deadline. */
  async #readStale(held: Entry, judged: Judgement, request: CacheRequest): Promise<CacheAnswer> {
    if (judged.verdict === 'lost') {
      this.#refresher.wantLater(request);
      return this.#hits.of(held, judged, 'l1');
    }
    const flight = this.#loader.isFailing(request) ? null : this.#refreshOf(request);
    if (flight && request.policy.softDeadlineMs !== null) {
      const refreshed = await landedWithin(flight, request.policy.softDeadlineMs, this.#clock);
      if (refreshed) return refreshed;
    }
    return this.#hits.of(held, { ...judged, use: this.#staleUse(request) }, 'l1');
  }

  /** Asks for a refresh. Null where it has not begun yet, or began before what must be in it. */
  #refreshOf(request: CacheRequest): JoinedFlight | null {
    const running = this.#flights.get(request.key.hash);
    this.#refresher.want(request);
    const flight = this.#flights.get(request.key.hash);
    if (!flight || !this.#joining.may(flight, request)) return null;
    return flight === running ? this.#joining.join(flight) : { flight, joined: false, isUnproven: false };
  }

  /** Nothing to serve at once: wait for the flight; if it fails, what is stale-if-error is served instead. */
  async #readThrough(request: CacheRequest, proof: Proof): Promise<CacheAnswer> {
    try {
      const answer = await this.#land(this.#flightOf(request, proof, 'read'), request);
      // Redis had something stale within grace: it is served, and refreshed like a stale entry of memory.
      if (answer.outcome === 'stale_hit' && answer.layer === 'l2') this.#refresher.want(request);
      return answer;
    } catch (error) {
      const held = this.#memory.read(request.key.hash);
      const judged = this.#judge.of(held, request);
      if (!held || judged.use === 'unusable') throw error;
      // Fresh when a later flight has brought news while this one failed.
      return this.#hits.of(
        held,
        judged.use === 'fresh' ? judged : { ...judged, use: 'stale-if-error' },
        'l1',
      );
    }
  }

  /** With a soft deadline, nobody waits for the whole load while there is something stale-if-error, here or found in Redis. */
  async #land(flight: JoinedFlight, request: CacheRequest): Promise<CacheAnswer> {
    const { softDeadlineMs } = request.policy;
    const landed = softDeadlineMs === null ? null : await landedWithin(flight, softDeadlineMs, this.#clock);
    if (landed) return landed;
    const held = softDeadlineMs === null ? undefined : this.#memory.read(request.key.hash);
    const judged = this.#judge.of(held, request);
    // What cannot be proven is served for a failure, never for a source that is slow.
    const isForFailures = judged.verdict === 'lost' && judged.use === 'stale-if-error';
    if (!held || judged.use === 'unusable' || isForFailures) return seenBy(flight);
    return this.#hits.of(held, { ...judged, use: this.#staleUse(request) }, 'l1');
  }

  /** Asked when the reader stops waiting: the source may have failed meanwhile. */
  #staleUse(request: CacheRequest): 'stale' | 'stale-if-error' {
    return this.#loader.isFailing(request) ? 'stale-if-error' : 'stale';
  }

  /** Joins the running flight of the key if its generations are still current, else starts one. */
  #flightOf(request: CacheRequest, proof: Proof, purpose: Purpose): JoinedFlight {
    const { hash } = request.key;
    const running = this.#flights.get(hash);
    if (running && this.#joining.may(running, request)) return this.#joining.join(running);
    const flight = this.#flights.begin(hash, proof, async (isCurrent) => {
      const answer = await this.#fetcher.fetch({ request, proof, purpose, isCurrent });
      this.watches.landed(answer.entry);
      return answer;
    });
    return { flight, joined: false, isUnproven: false };
  }
}
