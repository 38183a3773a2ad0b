import type { Clock } from '../clock.js';
import type { Acknowledgement } from './acknowledgement.js';
import type { ControlSlot, Standing, Taken } from './control-slot.js';
import { MemberList } from './member-list.js';
import type { CacheObserver } from './observer.js';

/** Whoever hears the bus has confirmed within milliseconds; the others do at their next poll. */
const ASK_AFTER_MS = [4, 4, 8, 16, 25];
/** Clocks of hosts run at slightly different speeds: added to the time in which the others' trust runs out. */
const MARGIN_MS = 50;

/** A change that the slot has taken, and when (monotonic) it said so. */
export interface Landed extends Taken {
  readonly atMs: number;
}

/** Waits until a change is in force in every process, and tells how far it has come (PROTOCOL.md, "Invalidate"). */
export class Acknowledging {
  readonly #slot: ControlSlot;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  /** The looks of this process tell it too. */
  readonly members: MemberList;

  constructor(options: { slot: ControlSlot; clock: Clock; observer: CacheObserver }) {
    this.#slot = options.slot;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.members = new MemberList(options.clock);
  }

  /**
   * This process has applied the change. With `waits`: resolves when every other member has confirmed it, or when nobody can
   * hold trust any more that is older.
   */
  async acknowledge(landed: Landed, { waits }: { waits: boolean }): Promise<Acknowledgement> {
    if (!Number.isFinite(this.#slot.trustMs))
      return { reach: 'memory', processesCount: 1, confirmedCount: 1 };
    const startedMs = this.#clock.monotonicMs();
    const [standing, isReplicated] = await Promise.all([
      waits ? this.#everybody(landed) : this.#ask(landed),
      this.#isReplicated(landed),
    ]);
    if (waits) this.#observer.operation('acknowledge', this.#clock.monotonicMs() - startedMs);
    return {
      reach: isReplicated ? 'replicated' : 'primary',
      processesCount: 1 + (standing?.othersCount ?? 0),
      confirmedCount: 1 + (standing?.confirmedCount ?? 0),
    };
  }

  async #everybody(landed: Landed): Promise<Standing | null> {
    const untilMs = landed.atMs + this.#slot.trustMs + MARGIN_MS;
    const over = this.#passed(untilMs - this.#clock.monotonicMs());
    let last: Standing | null = null;
    try {
      for (let turn = 0; !over.isPast(); turn++) {
        const standing = await Promise.race([this.#ask(landed), over.promise]);
        last = standing ?? last;
        if (standing && this.#isConfirmedByAll(standing, landed)) break;
        const pause = this.#passed(ASK_AFTER_MS[Math.min(turn, ASK_AFTER_MS.length - 1)] ?? 0);
        await Promise.race([pause.promise, over.promise]);
        pause.cancel();
      }
    } finally {
      over.cancel();
    }
    return last;
  }

  /** Null when Redis did not answer: not yet, then. */
  async #ask({ position }: Landed): Promise<Standing | null> {
    try {
      const standing = await this.#slot.acknowledged(position);
      this.members.note(standing.list);
      if (standing.newRoot) this.#observer.newRoot(standing.newRoot);
      return standing;
    } catch {
      return null;
    }
  }

  /** Under another root the members are others, and their positions of another log. */
  #isConfirmedByAll({ root, list, othersCount, confirmedCount }: Standing, landed: Landed): boolean {
    const isWhole = root === landed.root && this.members.isKnownFor(list, this.#slot.trustMs);
    return isWhole && confirmedCount === othersCount;
  }

  async #isReplicated({ replicasCount }: Landed): Promise<boolean> {
    if (replicasCount === 0) return false;
    return this.#slot.isReplicated().catch(() => false);
  }

  #passed(ms: number): { promise: Promise<null>; isPast: () => boolean; cancel: () => void } {
    let isPast = false;
    let cancel = (): void => {};
    const promise = new Promise<null>((resolve) => {
      cancel = this.#clock.after(ms, () => {
        isPast = true;
        resolve(null);
      });
    });
    return { promise, isPast: () => isPast, cancel };
  }
}
