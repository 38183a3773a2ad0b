import { BudgetQueue } from '../../services/budget/budget-queue.js';
import { BudgetSource } from '../../services/budget/budget-source.js';
import { BudgetWindow } from '../../services/budget/budget-window.js';
import { Cache } from '../../services/cache/cache.js';
import { Generations } from '../../services/cache/generations.js';
import { MemoryControlSlot } from '../../services/cache/memory-control-slot.js';
import { MemoryStore } from '../../services/cache/memory-store.js';
import type { Clock } from '../../services/clock.js';
import { DashboardCacheService } from '../../services/dashboard-cache-service.js';
import type { Panel } from '../../services/definitions/model.js';
import { noTenant } from '../../services/definitions/tenant.js';
import { silentTrail } from '../../services/events/event-trail.js';
import { RefreshNotes } from '../../services/events/refresh-notes.js';
import { silentLog as log } from '../../services/log.js';
import { openDoor } from '../../services/pressure/open-door.js';
import type { Source } from '../../services/sources/source.js';
import { CachedSource, panelOf, queryOf, rowOf } from './cache-panels.js';
import { CountingObserver, ROOM_POLICY } from './cache-room.js';
import { bodyOf } from './cache-service.js';

export interface StormOptions {
  readonly clock: Clock;
  readonly panelsCount: number;
  readonly viewersCount: number;
  /** Each viewer reads his panel so often. */
  readonly everyMs: number;
  readonly writesPerSecondCount: number;
  readonly maxStalenessMs: number;
  /** Null: no budget. */
  readonly budgetPerMinuteCount: number | null;
  readonly queryMs: number;
}

/** The feed gathers so long, as a real one does. */
const FEED_WINDOW_MS = 100;

/** One panel for each table, viewers who read them, and writes of all tables in turn that a feed tells of. */
export class WriteStorm {
  readonly queriesAtMs: number[] = [];
  /** How long ago the first write was committed that an answer lacked, at the most. */
  stalestMs = 0;
  readonly observer = new CountingObserver();
  waitsCount = 0;
  refusalsCount = 0;
  failedCount = 0;
  isWriting = true;
  readonly #options: StormOptions;
  readonly #panels: readonly Panel[];
  readonly #service: DashboardCacheService;
  /** By panel: when each of its writes was committed. The answer of a query is how many there are. */
  readonly #commits: readonly number[][];
  readonly #startedMs: number;
  #writesCount = 0;
  #readsCount = 0;
  #toldAtMs = 0;
  #touched = new Set<string>();

  constructor(options: StormOptions) {
    const { clock, panelsCount } = options;
    this.#options = options;
    this.#startedMs = clock.monotonicMs();
    this.#commits = Array.from({ length: panelsCount }, () => []);
    const policy = { ...ROOM_POLICY, graceMs: 3_600_000, maxStalenessMs: options.maxStalenessMs };
    this.#panels = this.#commits.map((_, i) =>
      panelOf({ id: `charts/p${i}`, queries: [queryOf(`SELECT ${i}`)], policy }),
    );
    const memory = new MemoryStore({ maxBytes: 16 * 1024 * 1024, clock, observer: this.observer });
    const generations = new Generations({
      slot: new MemoryControlSlot(),
      clock,
      log,
      observer: this.observer,
    });
    const parts = { memory, redis: null, generations, clock, observer: this.observer };
    const cache = new Cache({ ...parts, random: () => 0.5 });
    const source = this.#source();
    this.#service = new DashboardCacheService({
      isDeclared: () => true,
      cache,
      sourceOf: () => source,
      tablesOf: ({ id }) => [id],
      isEnabled: () => true,
      toldToMs: () => Number.POSITIVE_INFINITY,
      shedder: openDoor,
      refreshes: new RefreshNotes({ trail: silentTrail, clock }),
      clock,
    });
  }

  /** Whatever is due by now: writes, what the feed tells, reads. */
  tick(): void {
    const nowMs = this.#nowMs();
    const { writesPerSecondCount, viewersCount, everyMs } = this.#options;
    for (; this.isWriting && this.#writesCount * 1000 <= nowMs * writesPerSecondCount; this.#writesCount++) {
      const i = this.#writesCount % this.#panels.length;
      this.#commits[i]?.push(nowMs);
      this.#touched.add(`charts/p${i}`);
    }
    if (nowMs - this.#toldAtMs >= FEED_WINDOW_MS && this.#touched.size > 0) {
      void this.#service.expireTables('main', [...this.#touched], this.#panels);
      this.#touched = new Set();
      this.#toldAtMs = nowMs;
    }
    for (; this.#readsCount * everyMs <= nowMs * viewersCount; this.#readsCount++)
      void this.#read(this.#readsCount % this.#panels.length);
  }

  /** Reads every panel: how many lack a write. */
  async wrongCount(): Promise<number> {
    const staleMs = await Promise.all(this.#panels.map((_, i) => this.#read(i)));
    return staleMs.filter((ms) => ms !== 0).length;
  }

  /** The most queries in any minute. */
  busiestMinuteCount(): number {
    const countFrom = (fromMs: number) =>
      this.queriesAtMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 60_000).length;
    return Math.max(0, ...this.queriesAtMs.map(countFrom));
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs() - this.#startedMs;
  }

  async #read(i: number): Promise<number> {
    const atMs = this.#nowMs();
    const panel = this.#panels[i];
    if (!panel) throw new Error('There is no such panel');
    try {
      const answer = await this.#service.read({ panel, parameters: new Map(), tenant: noTenant });
      const { data } = bodyOf(answer) as { data: { writes: number } };
      const missedAtMs = this.#commits[i]?.[data.writes];
      const staleMs = missedAtMs === undefined ? 0 : Math.max(0, atMs - missedAtMs);
      this.stalestMs = Math.max(this.stalestMs, staleMs);
      return staleMs;
    } catch {
      this.failedCount++;
      return Number.POSITIVE_INFINITY;
    }
  }

  #source(): Source {
    const { clock, budgetPerMinuteCount: perMinuteCount, queryMs } = this.#options;
    const source = new CachedSource(async ({ text }) => {
      this.queriesAtMs.push(this.#nowMs());
      const writes = this.#commits[Number(text.split(' ')[1])]?.length ?? 0;
      await new Promise<void>((resolve) => clock.after(queryMs, resolve));
      return rowOf({ writes });
    });
    if (perMinuteCount === null) return source;
    const ledger = new BudgetWindow({ perMinuteCount, clock });
    const observer = {
      budgetWaited: () => void this.waitsCount++,
      budgetRefused: () => void this.refusalsCount++,
    };
    return new BudgetSource(source, new BudgetQueue({ sourceName: 'main', ledger, clock, observer }));
  }
}
