import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { BudgetTicket, QueryTurn, SourceBudget, Urgency } from '../sources/query-turn.js';
import type { BudgetLedger, Granted } from './budget-ledger.js';
import { TenantTurns } from './tenant-turns.js';

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

interface Waiter extends Omit<QueryTurn, 'tenant'> {
  readonly tenant: string;
  hasWaited: boolean;
  admit(): void;
  refuse(): void;
}

const WAITING_MAX_COUNT = 1000;
/** Asked for at once: no process takes a minute's budget in one step. */
const BATCH_COUNT = 16;
/** As long as a grant holds. */
const TICKET_MS = 1000;
/** Panels without tenants take turns with the tenants, as one. */
const NOBODY = '';
/** However soon more may be granted. */
const AGAIN_MIN_MS = 20;
/** A tenant who has had his share for now is asked for again after so long. */
const SHARE_AGAIN_MS = 500;
const URGENCIES: readonly Urgency[] = ['read', 'settling', 'upkeep'];

/**
 * The door in front of a source with a budget. Who waits goes in by urgency, then the tenant whose last turn is longest ago, then in
 * order of coming: a storm of one tenant waits behind itself, and the ledger leaves something for others. Bounded in length and age
 * (invariant 8).
 */
export class BudgetQueue implements SourceBudget {
  readonly #options: BudgetQueueOptions;
  readonly #waiting = new Set<Waiter>();
  /** Granted to who did not need it after all, until when. */
  readonly #returned: number[] = [];
  readonly #turns = new TenantTurns();
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
      const tenant = turn.tenant.text ?? NOBODY;
      const waiter: Waiter = { ...turn, tenant, hasWaited: false, admit: end(true), refuse: end(false) };
      const cancelAge = this.#options.clock.after(turn.maxWaitMs, waiter.refuse);
      signal?.addEventListener('abort', waiter.refuse, { once: true });
      this.#waiting.add(waiter);
      void this.#serve();
    });
  }

  /** Where the queue is full, whoever has most in it loses his last place to others. */
  #hasRoomFor({ tenant }: QueryTurn): boolean {
    if (this.#waiting.size < WAITING_MAX_COUNT) return true;
    const counts = new Map<string, number>();
    for (const waiter of this.#waiting) counts.set(waiter.tenant, (counts.get(waiter.tenant) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    if (!most || most[1] <= (counts.get(tenant.text ?? NOBODY) ?? 0) + 1) return false;
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
      for (let asking = this.#asking(); asking; asking = this.#asking()) {
        const { urgent, pacedCount } = asking;
        const urgentTenants = urgent.map(({ tenant }) => tenant);
        const granted = await this.#options.ledger.take({ urgentTenants, pacedCount });
        const nowMs = this.#options.clock.monotonicMs();
        if (granted.pacedCount < pacedCount)
          this.#pacedFromMs = nowMs + Math.max(AGAIN_MIN_MS, granted.pacedInMs);
        this.#useGrants(urgent, granted, nowMs);
        for (let i = 0; i < granted.pacedCount; i++) this.#admitOne(({ urgency }) => urgency === 'upkeep');
      }
    } finally {
      this.#isAsking = false;
    }
    this.#serveAgain();
  }

  /** Who is asked for now; null: nobody. */
  #asking(): { urgent: Waiter[]; pacedCount: number } | null {
    const nowMs = this.#options.clock.monotonicMs();
    const open = [...this.#waiting].filter((waiter) => this.#opensAtMs(waiter) <= nowMs);
    const rest = new Set(open.filter(({ urgency }) => urgency !== 'upkeep'));
    const pacedCount = Math.min(BATCH_COUNT, open.length - rest.size);
    const urgent: Waiter[] = [];
    while (rest.size > 0 && urgent.length < BATCH_COUNT) {
      const next = this.#firstOf(rest);
      if (!next) break;
      rest.delete(next);
      this.#turns.take(next.tenant);
      urgent.push(next);
    }
    return urgent.length + pacedCount > 0 ? { urgent, pacedCount } : null;
  }

  #useGrants(asked: readonly Waiter[], { urgent, spentForMs }: Granted, nowMs: number): void {
    for (const [i, waiter] of asked.entries()) {
      if (urgent[i] && this.#waiting.has(waiter)) waiter.admit();
      // Granted for one who has left meanwhile: for another.
      else if (urgent[i]) this.#returned.push(nowMs + TICKET_MS);
      else if (spentForMs === 0) this.#turns.close(waiter.tenant, nowMs + SHARE_AGAIN_MS);
    }
    if (spentForMs > 0) this.#urgentFromMs = nowMs + Math.max(AGAIN_MIN_MS, spentForMs);
  }

  /** When he may be asked for again. */
  #opensAtMs({ urgency, tenant }: Waiter): number {
    return urgency === 'upkeep'
      ? this.#pacedFromMs
      : Math.max(this.#urgentFromMs, this.#turns.opensAtMs(tenant));
  }

  #serveAgain(): void {
    this.#cancelAgain();
    if (this.#waiting.size === 0) return;
    for (const waiter of this.#waiting) {
      if (!waiter.hasWaited) this.#options.observer.budgetWaited(this.#options.sourceName);
      waiter.hasWaited = true;
    }
    const opensAtMs = Math.min(...[...this.#waiting].map((waiter) => this.#opensAtMs(waiter)));
    const inMs = Math.max(1, opensAtMs - this.#options.clock.monotonicMs());
    this.#cancelAgain = this.#options.clock.after(inMs, () => void this.#serve());
  }

  #useReturned(): void {
    const nowMs = this.#options.clock.monotonicMs();
    while (this.#returned.length > 0 && this.#waiting.size > 0) {
      const untilMs = this.#returned.shift() ?? 0;
      if (nowMs < untilMs) this.#admitOne(() => true);
    }
  }

  /** What was granted for waiters who have left meanwhile is for others. */
  #admitOne(mayBe: (waiter: Waiter) => boolean): void {
    const next = this.#firstOf([...this.#waiting].filter(mayBe));
    if (next) {
      this.#turns.take(next.tenant);
      next.admit();
    } else this.#returned.push(this.#options.clock.monotonicMs() + TICKET_MS);
  }

  #firstOf(waiters: Iterable<Waiter>): Waiter | undefined {
    let best: Waiter | undefined;
    for (const waiter of waiters) if (!best || this.#goesBefore(waiter, best)) best = waiter;
    return best;
  }

  #goesBefore(one: Waiter, other: Waiter): boolean {
    const byUrgency = URGENCIES.indexOf(one.urgency) - URGENCIES.indexOf(other.urgency);
    if (byUrgency !== 0) return byUrgency < 0;
    return this.#turns.lastOf(one.tenant) < this.#turns.lastOf(other.tenant);
  }

  #overloaded(): DashcacheError {
    const inMs = this.#urgentFromMs - this.#options.clock.monotonicMs();
    return new DashcacheError('source_overloaded', {
      detail: 'This data source may not be asked more often at present. Try again later.',
      retryAfterSeconds: Math.min(60, Math.max(1, Math.ceil(inMs / 1000))),
    });
  }
}
