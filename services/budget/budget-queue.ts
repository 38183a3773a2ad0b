import { LRUCache } from 'lru-cache';
import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { BudgetTicket, QueryTurn, SourceBudget, Urgency } from '../sources/query-turn.js';
import type { BudgetLedger, Wanted } from './budget-ledger.js';

/** Told of the queries of a source that its budget held up. */
export interface BudgetObserver {
  budgetWaited(source: string): void;
  budgetRefused(source: string): void;
}

export interface BudgetQueueOptions {
  readonly sourceName: string;
  readonly ledger: BudgetLedger;
  readonly clock: Clock;
  readonly observer: BudgetObserver;
}

interface Waiter extends QueryTurn {
  hasWaited: boolean;
  admit(): void;
  refuse(): void;
}

const WAITING_MAX_COUNT = 1000;
/** Asked for at once: no process takes a minute's budget in one step. */
const BATCH_COUNT = 16;
/** As long as a grant holds. */
const TICKET_MS = 1000;
/** Tenants whose last turn is remembered. */
const TENANTS_MAX_COUNT = 10_000;
/** Panels without tenants take turns with the tenants, as one. */
const NOBODY = '';
/** However soon more may be granted. */
const AGAIN_MIN_MS = 20;
const URGENCIES: readonly Urgency[] = ['read', 'settling', 'upkeep'];

/**
 * The door in front of a source with a budget. Who waits goes in by urgency, then the tenant whose last turn is longest ago, then in
 * order of coming: a storm of one tenant waits behind itself. Bounded in length and age (invariant 8).
 */
export class BudgetQueue implements SourceBudget {
  readonly #options: BudgetQueueOptions;
  readonly #waiting = new Set<Waiter>();
  /** Granted to who did not need it after all, until when. */
  readonly #returned: number[] = [];
  /** The number of the turn that each tenant had last. */
  readonly #turns = new LRUCache<string, number>({ max: TENANTS_MAX_COUNT });
  #turnsCount = 0;
  #isAsking = false;
  /** Nothing is to be had before. */
  #urgentFromMs = 0;
  #pacedFromMs = 0;
  #cancelAgain = (): void => {};

  constructor(options: BudgetQueueOptions) {
    this.#options = options;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Resolves when the query may be sent. Rejects with source_overloaded when its time is up or the signal aborts. */
  async enter(turn: QueryTurn, signal: AbortSignal): Promise<void> {
    const { sourceName, observer } = this.#options;
    if (await this.#granted(turn, signal)) return;
    observer.budgetRefused(sourceName);
    throw this.#overloaded();
  }

  async reserve(turn: QueryTurn): Promise<BudgetTicket | null> {
    if (!(await this.#granted(turn, null))) return null;
    const untilMs = this.#options.clock.monotonicMs() + TICKET_MS;
    let isOver = false;
    const end = (): boolean => {
      const held = !isOver && this.#options.clock.monotonicMs() < untilMs;
      isOver = true;
      return held;
    };
    return {
      use: end,
      giveBack: () => {
        if (end()) this.#returned.push(untilMs);
        if (this.#waiting.size > 0) void this.#serve();
      },
    };
  }

  /** Sends all away. */
  close(): void {
    this.#cancelAgain();
    this.#options.ledger.close();
    for (const waiter of [...this.#waiting]) waiter.refuse();
  }

  #granted(turn: QueryTurn, signal: AbortSignal | null): Promise<boolean> {
    if (signal?.aborted || !this.#hasRoomFor(turn)) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (isGranted: boolean) => () => {
        this.#waiting.delete(waiter);
        cancelAge();
        signal?.removeEventListener('abort', waiter.refuse);
        resolve(isGranted);
      };
      const waiter: Waiter = { ...turn, hasWaited: false, admit: end(true), refuse: end(false) };
      const cancelAge = this.#options.clock.after(turn.maxWaitMs, waiter.refuse);
      signal?.addEventListener('abort', waiter.refuse, { once: true });
      this.#waiting.add(waiter);
      void this.#serve();
    });
  }

  /** Where the queue is full, whoever has most in it loses his last place to others. */
  #hasRoomFor({ tenant }: QueryTurn): boolean {
    if (this.#waiting.size < WAITING_MAX_COUNT) return true;
    const counts = new Map<string | null, number>();
    for (const waiter of this.#waiting) counts.set(waiter.tenant, (counts.get(waiter.tenant) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    if (!most || most[1] <= (counts.get(tenant) ?? 0) + 1) return false;
    const last = [...this.#waiting].findLast((waiter) => waiter.tenant === most[0]);
    last?.refuse();
    return true;
  }

  /** Admits as many as the budget allows; when it allows no more, again when it does. */
  async #serve(): Promise<void> {
    this.#useReturned();
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      for (let wanted = this.#wanted(); wanted; wanted = this.#wanted()) {
        const { clock, ledger } = this.#options;
        const granted = await ledger.take(wanted);
        const nowMs = clock.monotonicMs();
        if (granted.urgentCount < wanted.urgentCount)
          this.#urgentFromMs = nowMs + Math.max(AGAIN_MIN_MS, granted.urgentInMs);
        if (granted.pacedCount < wanted.pacedCount)
          this.#pacedFromMs = nowMs + Math.max(AGAIN_MIN_MS, granted.pacedInMs);
        this.#admit(granted.urgentCount, (urgency) => urgency !== 'upkeep');
        this.#admit(granted.pacedCount, (urgency) => urgency === 'upkeep');
      }
    } finally {
      this.#isAsking = false;
    }
    this.#serveAgain();
  }

  /** Null when there is nothing to ask for now. */
  #wanted(): Wanted | null {
    const nowMs = this.#options.clock.monotonicMs();
    const all = [...this.#waiting];
    const pacedCount = all.filter(({ urgency }) => urgency === 'upkeep').length;
    const wanted = {
      urgentCount: nowMs < this.#urgentFromMs ? 0 : Math.min(BATCH_COUNT, all.length - pacedCount),
      pacedCount: nowMs < this.#pacedFromMs ? 0 : Math.min(BATCH_COUNT, pacedCount),
    };
    return wanted.urgentCount + wanted.pacedCount > 0 ? wanted : null;
  }

  #serveAgain(): void {
    this.#cancelAgain();
    if (this.#waiting.size === 0) return;
    for (const waiter of this.#waiting) {
      if (!waiter.hasWaited) this.#options.observer.budgetWaited(this.#options.sourceName);
      waiter.hasWaited = true;
    }
    const urgencies = new Set([...this.#waiting].map(({ urgency }) => urgency));
    const fromMs = [...urgencies].map((urgency) =>
      urgency === 'upkeep' ? this.#pacedFromMs : this.#urgentFromMs,
    );
    const inMs = Math.max(1, Math.min(...fromMs) - this.#options.clock.monotonicMs());
    this.#cancelAgain = this.#options.clock.after(inMs, () => void this.#serve());
  }

  #useReturned(): void {
    const nowMs = this.#options.clock.monotonicMs();
    while (this.#returned.length > 0 && this.#waiting.size > 0) {
      const untilMs = this.#returned.shift() ?? 0;
      if (nowMs < untilMs) this.#admit(1, () => true);
    }
  }

  /** What was granted for waiters who have left meanwhile is for others. */
  #admit(count: number, mayBe: (urgency: Urgency) => boolean): void {
    for (let i = 0; i < count; i++) {
      const next = this.#next(mayBe);
      if (next) {
        this.#turns.set(next.tenant ?? NOBODY, ++this.#turnsCount);
        next.admit();
      } else this.#returned.push(this.#options.clock.monotonicMs() + TICKET_MS);
    }
  }

  #next(mayBe: (urgency: Urgency) => boolean): Waiter | undefined {
    let best: Waiter | undefined;
    for (const waiter of this.#waiting)
      if (mayBe(waiter.urgency) && (!best || this.#goesBefore(waiter, best))) best = waiter;
    return best;
  }

  #goesBefore(one: Waiter, other: Waiter): boolean {
    const byUrgency = URGENCIES.indexOf(one.urgency) - URGENCIES.indexOf(other.urgency);
    if (byUrgency !== 0) return byUrgency < 0;
    return this.#lastTurnOf(one) < this.#lastTurnOf(other);
  }

  #lastTurnOf({ tenant }: Waiter): number {
    return this.#turns.get(tenant ?? NOBODY) ?? 0;
  }

  #overloaded(): DashcacheError {
    const inMs = this.#urgentFromMs - this.#options.clock.monotonicMs();
    return new DashcacheError('source_overloaded', {
      detail: 'This data source may not be asked more often at present. Try again later.',
      retryAfterSeconds: Math.min(60, Math.max(1, Math.ceil(inMs / 1000))),
    });
  }
}
