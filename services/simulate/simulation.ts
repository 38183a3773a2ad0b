import { BudgetQueue } from '../budget/budget-queue.js';
import { BudgetSource } from '../budget/budget-source.js';
import { BudgetWindow } from '../budget/budget-window.js';
import { Cache } from '../cache/cache.js';
import { Generations } from '../cache/generations.js';
import { MemoryControlSlot } from '../cache/memory-control-slot.js';
import { MemoryStore } from '../cache/memory-store.js';
import { silentObserver } from '../cache/observer.js';
import type { Clock } from '../clock.js';
import { DashboardCacheService, type PanelRequest } from '../dashboard-cache-service.js';
import type { Definitions, Panel } from '../definitions/model.js';
import { silentTrail } from '../events/event-trail.js';
import { RefreshNotes } from '../events/refresh-notes.js';
import { silentLog } from '../log.js';
import { openDoor } from '../pressure/open-door.js';
import type { Source } from '../sources/source.js';
import { SimulatedSource } from './simulated-source.js';

export interface SimulatedWorld {
  readonly clock: Clock;
  readonly definitions: Definitions;
  readonly tablesOf: (panel: Panel) => readonly string[];
  readonly bytesOf: (panel: Panel) => number | null;
  readonly onQuery: (panel: Panel | null) => void;
  /** How long a query takes. */
  readonly loadMs: number;
  /** What the entries may take, where they are kept longest. */
  readonly maxBytes: number;
  /** Caches that know nothing of each other; 1 where they share a Redis. */
  readonly cachesCount: number;
  /** Gives [0, 1). */
  readonly random: () => number;
}

interface SimulatedProcess {
  readonly service: DashboardCacheService;
  readonly cache: Cache;
  readonly memory: MemoryStore;
}

/** Processes as they run, on the clock of a log and on sources that answer with anything. */
export class Simulation {
  readonly #world: SimulatedWorld;
  readonly #processes: readonly SimulatedProcess[];
  readonly #sources: SimulatedSource[] = [];
  readonly #queues: BudgetQueue[] = [];
  #turnsCount = 0;

  constructor(world: SimulatedWorld) {
    this.#world = world;
    const sources = this.#openSources();
    this.#processes = Array.from({ length: world.cachesCount }, () => this.#process(sources));
  }

  /** Every process answers in turn, as behind a load balancer: all panels of one request by the same. */
  read(requests: readonly PanelRequest[]) {
    const process = this.#processes[this.#turnsCount++ % this.#processes.length];
    return requests.map((request) => process?.service.read(request));
  }

  /** What a feed tells. */
  changed(table: string): void {
    const { definitions } = this.#world;
    const panels = panelsOf(definitions);
    for (const { service } of this.#processes)
      for (const name of definitions.sources.keys()) void service.expireTables(name, [table], panels);
  }

  /** Whether something goes on that takes no time of the log, such as the coding of an answer. */
  get isBusy(): boolean {
    const underWay = this.#processes.reduce((sum, { cache }) => sum + cache.loadsUnderWayCount, 0);
    const waiting = this.#sources.reduce((sum, { waitingLoadsCount }) => sum + waitingLoadsCount, 0);
    return underWay > this.#queues.reduce((sum, { waitingCount }) => sum + waitingCount, waiting);
  }

  /** In the largest of the caches. */
  get heldBytes(): number {
    return Math.max(...this.#processes.map(({ memory }) => memory.heldBytes));
  }

  #process(sources: ReadonlyMap<string, Source>) {
    const { clock, maxBytes, random, tablesOf } = this.#world;
    const memory = new MemoryStore({ maxBytes, clock, observer: silentObserver });
    const slot = new MemoryControlSlot();
    const generations = new Generations({ slot, clock, log: silentLog, observer: silentObserver });
    const cache = new Cache({ memory, redis: null, generations, clock, observer: silentObserver, random });
    const service = new DashboardCacheService({
      cache,
      sourceOf: (name) => sources.get(name),
      tablesOf,
      isEnabled: () => true,
      isDeclared: () => true,
      toldToMs: (name) => (this.#hasFeed(name) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY),
      shedder: openDoor,
      refreshes: new RefreshNotes({ trail: silentTrail, clock }),
      clock,
    });
    return { service, cache, memory };
  }

  #hasFeed(name: string): boolean {
    const source = this.#world.definitions.sources.get(name);
    return source?.type === 'postgres' && source.changes !== null;
  }

  /** All processes have one account of each budget. */
  #openSources(): ReadonlyMap<string, Source> {
    const { definitions, clock, loadMs, bytesOf, onQuery } = this.#world;
    const panels = new Map(
      panelsOf(definitions).flatMap((panel) =>
        panel.queries.map(({ statement }) => [statement, panel] as const),
      ),
    );
    const observer = { budgetWaited: () => {}, budgetRefused: () => {} };
    const sources = [...definitions.sources.values()].map(({ name, type: kind, budgetPerMinuteCount }) => {
      const source = new SimulatedSource({ name, kind, clock, loadMs, bytesOf, onQuery, panels });
      this.#sources.push(source);
      if (budgetPerMinuteCount === null) return source;
      const ledger = new BudgetWindow({ perMinuteCount: budgetPerMinuteCount, clock });
      const queue = new BudgetQueue({ sourceName: name, ledger, clock, observer });
      this.#queues.push(queue);
      return new BudgetSource(source, queue);
    });
    return new Map(sources.map((source) => [source.name, source]));
  }
}

export function panelsOf({ dashboards }: Definitions): Panel[] {
  return [...dashboards.values()].flatMap((dashboard) => [...dashboard.panels.values()]);
}
