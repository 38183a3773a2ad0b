import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Entry } from './entry.js';
import type { FillSignals } from './fill-signals.js';
import type { FlightPlan } from './flight-plan.js';
import type { Generations, Proof } from './generations.js';
import type { Judge, Judgement } from './judge.js';
import { digestOfLease, newLeaseValue } from './lease-value.js';
import type { Loader } from './loader.js';
import type { MemoryStore } from './memory-store.js';
import type { CacheObserver } from './observer.js';
import type { RedisStore } from './redis-store.js';
import { digestOf } from './stamp.js';
import type { StoreReply } from './store-reply.js';

/** Whoever waits asks again after so long at the latest, up to twice that by chance: messages may be lost. */
const ASK_AGAIN_MS = 50;

/** Whoever meets loads of other generations so often loads by himself: he is answered, and never loops. */
const OVERTAKES_MAX_COUNT = 2;

export interface AgreementParts {
  readonly store: RedisStore;
  readonly signals: FillSignals;
  readonly memory: MemoryStore;
  readonly generations: Generations;
  readonly judge: Judge;
  readonly loader: Loader;
  readonly clock: Clock;
  readonly observer: CacheObserver;
  /** Gives [0, 1); spreads the askers. */
  readonly random: () => number;
}

/** What the processes agreed on: an entry that will do, or that this one loads. */
export type Agreed =
  | {
      readonly is: 'found';
      readonly entry: Entry;
      readonly judged: Judgement;
      /** Whether it was loaded while we waited. */
      readonly waited: boolean;
    }
  | {
      readonly is: 'load';
      /** The generations that go into the entry. */
      readonly proof: Proof;
      /** Null: for this process alone, since Redis does not say who else loads. */
      readonly lease: { readonly value: string; readonly sentAtMs: number } | null;
      /** What layer two has, though it will not do. */
      readonly found: Entry | null;
    };

type Held = StoreReply & { readonly is: 'held' };

/** One flight's dealings with Redis and, through it, with the flights of other processes: who loads, and who waits. */
export class Agreement {
  readonly #plan: FlightPlan;
  readonly #parts: AgreementParts;
  #proof: Proof;
  #found: Entry | null = null;
  #mark: Buffer | null = null;
  #overtake: string | null = null;
  #overtakesCount = 0;
  #waited = false;

  constructor(plan: FlightPlan, parts: AgreementParts) {
    this.#plan = plan;
    this.#parts = parts;
    this.#proof = plan.proof;
  }

  /** Rejects with the error of another process's load, and when this one has waited for the whole of its own deadline. */
  async reach(): Promise<Agreed> {
    const { request } = this.#plan;
    const { clock, signals } = this.#parts;
    const untilMs = clock.monotonicMs() + request.policy.deadlineMs;
    while (this.#proof.proven) {
      // Before the question: what is told while it is under way must not be missed.
      const signal = signals.next(request.key.hash);
      try {
        const agreed = await this.#ask(signal.told);
        if (agreed) return agreed;
      } finally {
        signal.cancel();
      }
      if (clock.monotonicMs() >= untilMs) throw new DashcacheError('source_deadline');
    }
    return this.#load(null);
  }

  /** Null: ask again. */
  async #ask(told: Promise<void>): Promise<Agreed | null> {
    const { request, purpose } = this.#plan;
    const { store, clock, loader, observer } = this.#parts;
    const { stamp } = this.#proof;
    // Who has just seen the source fail loads nothing, but takes what others have stored since.
    const lease = loader.isFailing(request) ? null : newLeaseValue(stamp);
    const sentAtMs = clock.monotonicMs();
    const reply = await store.ask({
      key: request.key,
      stamp,
      graceMs: purpose === 'read' ? request.policy.graceMs : null,
      except: this.#mark,
      lease,
      overtake: this.#overtake,
    });
    if (!reply) {
      // The question may still be answered, to nobody: that lease would keep the others waiting.
      if (lease) void store.end(request.key.hash, lease, null);
      return this.#load(null);
    }
    if (reply.mark) this.#mark = reply.mark;
    const judged = reply.entry && this.#parts.judge.of(reply.entry, request);
    if (reply.entry && judged) {
      // Loaded while it waited: for a refresh that will do, or each process would load one after the other while changes go on.
      if (purpose === 'refresh' && this.#waited && judged.use === 'stale') {
        if (reply.is === 'leased' && lease) void store.end(request.key.hash, lease, null);
        return { is: 'found', entry: reply.entry, judged, waited: true };
      }
      if (this.#isAgreedOn(reply, judged))
        return { is: 'found', entry: reply.entry, judged, waited: this.#waited };
      this.#keepAtHand(reply.entry, judged);
    }
    switch (reply.is) {
      case 'entry':
        // Redis knows neither what this process has learned of an expire nor whether a frame can be believed.
        return null;
      case 'leased':
        if (reply.hasOvertaken) observer.event('leases_overtaken');
        return this.#load(lease === null ? null : { value: lease, sentAtMs });
      case 'held':
        return this.#meet(reply, told);
      case 'failed':
        // Else it is known here already.
        if (lease) {
          observer.event('shared_failures');
          loader.noteFailure(request, reply.error, reply.leftMs);
        }
        throw reply.error;
      case 'none':
        if (lease) observer.event('l2_failures');
        return this.#load(null);
    }
  }

  #isAgreedOn({ is }: StoreReply, judged: Judgement): boolean {
    if (is === 'entry') return this.#isUsable(judged);
    // It may have been stored after the script ran. Whoever has the lease loads, as all others expect.
    return is !== 'leased' && judged.use === 'fresh' && this.#isUsable(judged);
  }

  #isUsable({ use }: Judgement): boolean {
    // What others have stored may have been read before it was asked for.
    if (this.#plan.purpose === 'reload') return false;
    return use === 'fresh' || (use === 'stale' && this.#plan.purpose === 'read');
  }

  /** For readers who stop waiting or whose load fails, unless memory has something for them. */
  #keepAtHand(entry: Entry, { use }: Judgement): void {
    const { judge, memory } = this.#parts;
    const { request } = this.#plan;
    this.#found = entry;
    const held = memory.peek(request.key.hash);
    if (use !== 'unusable' && judge.of(held, request).use === 'unusable') memory.write(entry);
  }

  /** Another holds the lease. Only a load of the current generations is worth waiting for. */
  async #meet({ lease, leftMs }: Held, told: Promise<void>): Promise<Agreed | null> {
    const { generations } = this.#parts;
    const { tags } = this.#plan.request;
    // A refresh takes nobody's lease, since something is at hand meanwhile; nor does who must load after its holder anyway.
    if (
      this.#plan.purpose === 'refresh' ||
      this.#plan.purpose === 'reload' ||
      digestOfLease(lease) === digestOf(this.#proof.stamp)
    ) {
      await this.#wait(told, leftMs);
      this.#proof = await generations.prove(tags);
      return null;
    }
    if (this.#overtakesCount++ === OVERTAKES_MAX_COUNT) return this.#load(null);
    // One of both is behind. Once we have looked it is the other: his generations were read before this look.
    const isAnswered = await generations.refresh(tags);
    this.#proof = await generations.prove(tags);
    const isBehind = isAnswered && digestOfLease(lease) !== digestOf(this.#proof.stamp);
    this.#overtake = isBehind ? lease : null;
    return null;
  }

  /** Until somebody tells, for a moment, or until the lease would run out: then its holder is dead or frozen. */
  async #wait(told: Promise<void>, leftMs: number): Promise<void> {
    const { clock, observer, random } = this.#parts;
    if (!this.#waited) observer.event('lease_waits');
    this.#waited = true;
    let cancel = (): void => {};
    const passed = new Promise<void>((resolve) => {
      cancel = clock.after(Math.min(ASK_AGAIN_MS * (1 + random()), leftMs + 1), resolve);
    });
    await Promise.race([told, passed]).finally(cancel);
  }

  #load(lease: { value: string; sentAtMs: number } | null): Agreed {
    return { is: 'load', proof: this.#proof, lease, found: this.#found };
  }
}
