import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Acknowledgement } from './acknowledgement.js';
import { Acknowledging } from './acknowledging.js';
import type { Verdict } from './cells.js';
import type { ControlSlot, Invalidation, LookAnswer, SwitchChange, SwitchState } from './control-slot.js';
import { KnownTruth, type News } from './known-truth.js';
import { LookTurns } from './look-turns.js';
import type { Loss } from './losses.js';
import type { CacheObserver } from './observer.js';
import { type Change, PendingChanges } from './pending-changes.js';
import { SlotSilence } from './slot-silence.js';
import { newHalf, type Stamp } from './stamp.js';
import { Switches } from './switches.js';

export type { Verdict } from './cells.js';

const POLL_MS = 250;

/** A stamp for a new load. `proven`: the truth vouches for it; else it holds in this process alone until Redis answers. */
export interface Proof {
  readonly stamp: Stamp;
  readonly proven: boolean;
}

/**
 * What this process knows of the truth in the control slot, and how long it may believe it (PROTOCOL.md, "Process state").
 * Memory is used without asking only while trust lasts: trustMs from the sending of the last answered look.
 */
export class Generations {
  readonly #slot: ControlSlot;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: CacheObserver;
  readonly #truth: KnownTruth;
  readonly #switches = new Switches();
  readonly #pending: PendingChanges;
  readonly #acknowledging: Acknowledging;
  readonly #silence: SlotSilence;
  readonly #turns = new LookTurns((tags) => this.#lookNow(tags));
  #onLoss = (): void => {};
  #onNews = (): void => {};
  #confirmedAtMs = Number.NEGATIVE_INFINITY;
  #confirmed = Promise.resolve();
  #stopPolling = (): void => {};
  #isStopped = false;
  /** Looks sent before this one give no trust: this process left after them. */
  #trustedFromLook = 0;
  #looksCount = 0;

  constructor(options: { slot: ControlSlot; clock: Clock; log: Log; observer: CacheObserver }) {
    this.#slot = options.slot;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#observer = options.observer;
    this.#silence = new SlotSilence(options.log);
    this.#truth = new KnownTruth(options.clock);
    this.#pending = new PendingChanges(options);
    this.#acknowledging = new Acknowledging(options);
  }

  /** Looks at once and then at every poll. A slot in memory needs no polls. */
  async start(): Promise<void> {
    await this.#turns.look([]);
    // Nothing stays under way: a start may block, and the client would take that for a silent Redis.
    await this.#confirmed;
    if (this.#isShared) this.#poll();
  }

  /**
   * For good. Trust ends before this process leaves the members: nobody waits for it any more, so a read that still comes has to
   * look. Resolves when the slot has heard of it, or does not answer.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopPolling();
    if (!this.#isShared) return;
    this.#trustedFromLook = this.#looksCount + 1;
    this.#confirmedAtMs = Number.NEGATIVE_INFINITY;
    await this.#slot.leave().catch(() => {});
  }

  /** Tested at every read, never by a timer: a process that slept has no trust when it wakes. */
  get isTrusted(): boolean {
    return this.#clock.monotonicMs() - this.#confirmedAtMs < this.#slot.trustMs;
  }

  /** Redis does not answer and its last word is too old to be believed: what is served now is unproven. */
  get isIsolated(): boolean {
    return this.#silence.isSilent && !this.isTrusted;
  }

  /** Age of the last answered look; Infinity before the first. */
  get unconfirmedForMs(): number {
    return this.#clock.monotonicMs() - this.#confirmedAtMs;
  }

  /** In which log, and how far in it: another one after news. */
  get place(): string {
    return this.#truth.place;
  }

  /** How an entry stamped for these tags stands. Meaningful while trusted or isolated. */
  compare(stamp: Stamp, tags: readonly string[]): Verdict {
    return this.#truth.compare(stamp, tags);
  }

  /** For a stamp that is not current: the loss that took its proof, unless it is known to be purged. */
  lossOf(stamp: Stamp, tags: readonly string[]): Loss | null {
    return this.#truth.lossOf(stamp, tags);
  }

  /** Calls back whenever what was believed can no longer be proven. */
  onLoss(callback: () => void): void {
    this.#onLoss = callback;
  }

  /** Calls back whenever what entries are compared with has changed. */
  onNews(callback: () => void): void {
    this.#onNews = callback;
  }

  /** The generations of these tags for a load that begins now: from memory while trusted, else by a look. */
  async prove(tags: readonly string[]): Promise<Proof> {
    const known = this.proveFromMemory(tags);
    if (known) return known;
    if (!this.isIsolated && (await this.#turns.look(tags))) {
      const learned = this.proveFromMemory(tags);
      if (learned) return learned;
    }
    return this.#invent(tags);
  }

  /** The same without waiting: null when it takes a look. */
  proveFromMemory(tags: readonly string[]): Proof | null {
    if (!this.isTrusted) return this.isIsolated ? this.#invent(tags) : null;
    const stamp = this.#truth.stampOf(tags);
    return stamp && { stamp, proven: !this.#truth.isAnyMadeUp(tags) };
  }

  /**
   * In force here when it resolves. A purge that waits is in force in every process then; anything else by their next look.
   * Rejects when the slot did not take it: then it holds here, and is tried again before any later look, so that trust never
   * returns without it.
   */
  async invalidate(invalidation: Invalidation, { wait }: { wait: boolean }): Promise<Acknowledgement> {
    const { tags, mode } = invalidation;
    // The slot has no way to take it, so it would wait, and keep trust away, for ever.
    if (tags.length === 0)
      return { reach: this.#isShared ? 'primary' : 'memory', processesCount: 1, confirmedCount: 1 };
    this.#observer.event(mode === 'purge' ? 'purges' : 'expires');
    return this.#make(
      {
        what: 'invalidation',
        tags,
        invalidation,
        send: () => this.#slot.invalidate(invalidation),
        applyHere: () => this.#truth.renewHere(tags, mode),
        landed: null,
      },
      wait && mode === 'purge',
    );
  }

  /**
   * Moves the switch of a tag: while it is off, reads of requests that carry the tag skip the cache; switching on purges the tag in
   * the same step. With `wait` it is in force in every process when it resolves. Rejects as an invalidation does.
   */
  switch(
    { tag, enabled, id = newHalf() }: { tag: string; enabled: boolean; id?: string },
    { wait }: { wait: boolean } = { wait: true },
  ): Promise<Acknowledgement> {
    this.#observer.event('switches');
    const tags = [tag];
    const invalidation: Invalidation | null = enabled ? { tags, mode: 'purge', cause: 'switch' } : null;
    const change: SwitchChange = { tag, enabled, id, knownNumber: this.#switches.numberOf(tag) };
    return this.#make(
      {
        what: 'switch',
        tags,
        invalidation,
        send: () => this.#slot.switch(change),
        applyHere: () => {
          if (enabled) this.#truth.renewHere(tags, 'purge');
          if (this.#switches.moveHere(change)) this.#observer.switched({ tag, enabled });
        },
        landed: null,
      },
      wait,
    );
  }

  /** Whether one of these tags is switched off, as of the last answered look. */
  isSwitchedOff(tags: readonly string[]): boolean {
    return this.#switches.isAnyOff(tags);
  }

  /** Every switch that was ever moved, by its tag: whether it is off. */
  switches(): ReadonlyMap<string, boolean> {
    return this.#switches.all();
  }

  /** Looks now, and learns these tags anew. Whether the slot answered. */
  refresh(tags: readonly string[] = []): Promise<boolean> {
    return this.#turns.look(tags);
  }

  get #isShared(): boolean {
    return Number.isFinite(this.#slot.trustMs);
  }

  async #make(change: Change, waits: boolean): Promise<Acknowledgement> {
    // A slot that answers takes all that wait, and makes room.
    if (this.#pending.isFull) await this.#turns.look([]);
    const isQueued = !this.#pending.isFull;
    if (isQueued) this.#pending.add(change);
    // Applied through a look begun after it was taken: the order of the log is the only order.
    if (isQueued && (await this.#turns.look([])) && change.landed) {
      return this.#acknowledging.acknowledge(change.landed, { waits });
    }
    throw this.#holdHere(change, isQueued);
  }

  /** What to tell who asked for it. */
  #holdHere(change: Change, isQueued: boolean): Error {
    change.applyHere();
    this.#onNews();
    // What has landed is told by the log, once a look is answered.
    if (change.invalidation && !change.landed)
      this.#observer.invalidated({ ...change.invalidation, taken: false });
    const fate = isQueued ? 'is tried again' : 'is not tried again: too many wait already';
    const message = `Redis did not take the ${change.what}: it holds in this process and ${fate}`;
    if (!isQueued) this.#log.error({ tags: change.tags }, message);
    return new Error(message);
  }

  #invent(tags: readonly string[]): Proof {
    return { stamp: this.#truth.inventedStampOf(tags), proven: false };
  }

  #poll(): void {
    // Stopped while the first look was under way.
    if (this.#isStopped) return;
    this.#stopPolling = this.#clock.after(POLL_MS, () => {
      void this.#turns.look([]);
      this.#poll();
    });
  }

  async #lookNow(tags: readonly string[]): Promise<boolean> {
    const number = ++this.#looksCount;
    // Trust counts from the sending: what the answer says may have changed while it travelled.
    const sentAtMs = this.#clock.monotonicMs();
    try {
      await this.#pending.land(!this.#truth.hasMet);
      const news = this.#apply(await this.#slot.look(this.#truth.known, tags), tags);
      if (number >= this.#trustedFromLook) this.#confirmedAtMs = sentAtMs;
      this.#silence.noteAnswer();
      if (news.isLoss) this.#onLoss();
      if (news.is) this.#onNews();
      return true;
    } catch (error) {
      this.#observer.event('look_failures');
      this.#silence.noteFailure(error);
      return false;
    } finally {
      this.#observer.operation('look', this.#clock.monotonicMs() - sentAtMs);
    }
  }

  #apply(answer: LookAnswer, tags: readonly string[]): News {
    this.#observer.event('looks');
    this.#acknowledging.members.note(answer.list);
    if (answer.newRoot) this.#observer.newRoot(answer.newRoot);
    const news = this.#truth.learn(answer, tags, { afterSilence: this.#silence.isSilent });
    if (news.isGap) this.#observer.event('gaps');
    this.#learnSwitches(answer.switches);
    // Said at once and not by the next poll: somebody may wait for it.
    if (news.is && this.#isShared) this.#confirmed = this.#slot.confirm(this.#truth.known).catch(() => {});
    const own = this.#pending.takeUntold();
    const made = answer.changes === 'gap' ? own : answer.invalidations;
    for (const one of made) this.#observer.invalidated({ ...one, taken: true });
    // A slot in memory has no positions.
    return { ...news, is: news.is || made.length > 0 };
  }

  #learnSwitches(switches: ReadonlyMap<string, SwitchState>): void {
    for (const [tag, state] of switches)
      if (this.#switches.learn(tag, state)) this.#observer.switched({ tag, enabled: !state.isOff });
    // Lost there, by an eviction or with the whole Redis: whoever still knows it writes it back.
    for (const [tag, state] of this.#switches.missingIn(switches)) void this.#restore(tag, state);
  }

  /** One that fails is tried again after the next look. */
  async #restore(tag: string, state: SwitchState): Promise<void> {
    const taken = await this.#slot.restore(tag, state).catch(() => null);
    if (taken?.newRoot) this.#observer.newRoot(taken.newRoot);
  }
}
