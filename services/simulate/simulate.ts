import { setImmediate } from 'node:timers/promises';
import { DashcacheError } from '../../errors.js';
import type { LoggedRead } from '../access-log.js';
import type { PanelRequest } from '../dashboard-cache-service.js';
import type { Definitions, Panel } from '../definitions/model.js';
import { resolveParameters } from '../definitions/resolve-parameters.js';
import { dataAddress } from '../explain/data-address.js';
import { operatorRequests } from '../operator-requests.js';
import { panelRead, queriesCountOf } from '../panel-read.js';
import { hitRate, ReadCounts } from '../statistics/read-counts.js';
import { SimulatedClock } from './simulated-clock.js';
import { panelsOf, Simulation } from './simulation.js';

/** A change of a table's rows, as a feed or a load job tells of it. */
export interface LoggedChange {
  /** Wall clock, ms. */
  readonly atMs: number;
  readonly table: string;
}

export interface SimulationOptions {
  /** With the policies that are tried. */
  readonly definitions: Definitions;
  /** In the order of time. */
  readonly reads: readonly LoggedRead[];
  readonly changes: readonly LoggedChange[];
  readonly tablesOf: (panel: Panel) => readonly string[];
  readonly basePath: string;
  readonly loadMs: number;
  readonly maxBytes: number;
  readonly cachesCount: number;
  /** Gives [0, 1). */
  readonly random: () => number;
}

export interface SimulatedPanel {
  readonly dashboard: string;
  readonly panel: string;
  readonly reads: number;
  /** Percent, as in the statistics. */
  readonly hit_rate: number;
  readonly queries: number;
  /** Different parameters and tenants that were asked for. */
  readonly keys: number;
  readonly ttl_ms: number;
  /** How often its tables changed; null where no change is told. */
  readonly changes: number | null;
}

export interface Simulated {
  readonly reads: number;
  readonly hit_rate: number;
  readonly queries: number;
  readonly queries_per_minute: number;
  /** The most in any minute of the clock. */
  readonly busiest_minute_queries: number;
  readonly queries_per_minute_without_cache: number;
  readonly max_bytes: number;
  readonly minutes: number;
  /** Lines of the log that ask for nothing that is declared, or wrongly. */
  readonly unknown_addresses: number;
  readonly panels: readonly SimulatedPanel[];
}

const MINUTE_MS = 60_000;
/** Real time: what goes on takes a few ms. */
const SETTLE_MAX_MS = 2000;
/** Replays a log on the cache as it is, under other policies: what would have been read from where, and asked of the sources. */
export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { reads, definitions } = options;
  const startMs = reads[0]?.atMs ?? 0;
  const settle = async (): Promise<void> => {
    const endMs = performance.now() + SETTLE_MAX_MS;
    do await setImmediate();
    while (simulation.isBusy && performance.now() < endMs);
  };
  const clock = new SimulatedClock({ startMs, settle });
  const tally = new Tally(definitions, changesOf(options));
  const simulation: Simulation = new Simulation({
    ...options,
    clock,
    bytesOf: sizesOf(options),
    onQuery: (panel) => tally.query(panel, clock.nowMs()),
  });
  const changes = options.changes.filter(({ atMs }) => atMs >= startMs);
  let maxBytes = 0;
  for (const read of reads) {
    for (let next = changes[0]; next && next.atMs <= read.atMs; next = changes[0]) {
      await clock.goTo(next.atMs);
      simulation.changed(next.table);
      changes.shift();
    }
    await clock.goTo(read.atMs);
    const requests = requestsOf(read, options);
    if (requests === null) tally.unknownCount++;
    else {
      for (const [i, reading] of simulation.read(requests).entries()) tally.follow(requests[i], reading);
      await settle();
    }
    maxBytes = Math.max(maxBytes, simulation.heldBytes);
  }
  // Who waits for a load has his answer by then.
  await clock.goTo(clock.nowMs() + options.loadMs + MINUTE_MS);
  const endMs = reads.at(-1)?.atMs ?? startMs;
  return tally.summary({ startMs, endMs, maxBytes });
}

/** The whole story of each panel, as it goes on. */
class Tally {
  unknownCount = 0;
  readonly #all = new ReadCounts();
  readonly #panels: ReadonlyMap<string, PanelTally>;
  readonly #queriesByMinute = new Map<number, number>();
  #uncachedCount = 0;

  constructor(definitions: Definitions, changesOf: (panel: Panel) => number | null) {
    this.#panels = new Map(
      panelsOf(definitions).map((panel) => [
        nameOf(panel),
        {
          panel,
          counts: new ReadCounts(),
          keys: new Set<string>(),
          queriesCount: 0,
          changesCount: changesOf(panel),
        },
      ]),
    );
  }

  query(panel: Panel | null, atMs: number): void {
    const minute = Math.floor(atMs / MINUTE_MS);
    this.#queriesByMinute.set(minute, (this.#queriesByMinute.get(minute) ?? 0) + 1);
    const tally = panel && this.#panels.get(nameOf(panel));
    if (tally) tally.queriesCount++;
  }

  follow(request: PanelRequest | undefined, reading: ReturnType<Simulation['read']>[number]): void {
    if (!request || !reading) return;
    const tally = this.#panels.get(nameOf(request.panel));
    tally?.keys.add(JSON.stringify(valuesOf(request)));
    this.#uncachedCount += queriesCountOf(panelRead(request.panel, request.parameters, request.tenant));
    const note = (outcome: Parameters<ReadCounts['add']>[0], layer: Parameters<ReadCounts['add']>[1]) => {
      this.#all.add(outcome, layer);
      tally?.counts.add(outcome, layer);
    };
    reading.then(
      ({ outcome, layer }) => note(outcome, layer),
      () => note('error', 'source'),
    );
  }

  summary({ startMs, endMs, maxBytes }: { startMs: number; endMs: number; maxBytes: number }): Simulated {
    const minutes = Math.max(1, (endMs - startMs) / MINUTE_MS);
    const counters = this.#all.counters();
    const byMinute = [...this.#queriesByMinute.values()];
    const queriesCount = byMinute.reduce((sum, count) => sum + count, 0);
    return {
      reads: counters.total_requests,
      hit_rate: hitRate(counters),
      queries: queriesCount,
      queries_per_minute: rounded(queriesCount / minutes),
      busiest_minute_queries: Math.max(0, ...byMinute),
      queries_per_minute_without_cache: rounded(this.#uncachedCount / minutes),
      max_bytes: maxBytes,
      minutes: rounded(minutes),
      unknown_addresses: this.unknownCount,
      panels: [...this.#panels.values()].map(panelSummary),
    };
  }
}

interface PanelTally {
  readonly panel: Panel;
  readonly counts: ReadCounts;
  readonly keys: Set<string>;
  readonly changesCount: number | null;
  queriesCount: number;
}

function panelSummary({ panel, counts, keys, queriesCount, changesCount }: PanelTally): SimulatedPanel {
  const counters = counts.counters();
  return {
    dashboard: panel.dashboardId,
    panel: panel.id,
    reads: counters.total_requests,
    hit_rate: hitRate(counters),
    queries: queriesCount,
    keys: keys.size,
    ttl_ms: panel.policy.ttlMs,
    changes: changesCount,
  };
}

/** Null where the address asks for nothing that is declared. */
function requestsOf(
  { url, atMs }: LoggedRead,
  { definitions, basePath }: SimulationOptions,
): PanelRequest[] | null {
  try {
    const address = dataAddress(url, { definitions, basePath });
    return operatorRequests(address, resolveParameters({ ...address, nowMs: atMs }));
  } catch (error) {
    if (error instanceof DashcacheError) return null;
    throw error;
  }
}

/** How often the tables of a panel changed while the log was written. */
function changesOf({ changes, reads, tablesOf }: SimulationOptions): (panel: Panel) => number | null {
  const [startMs, endMs] = [reads[0]?.atMs ?? 0, reads.at(-1)?.atMs ?? 0];
  const within = changes.filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
  return (panel) => {
    const tables = new Set(tablesOf(panel));
    return changes.length === 0 || panel.ttlOnly || tables.size === 0
      ? null
      : within.filter(({ table }) => tables.has(table)).length;
  };
}

/** Of a panel's answers in the log, on average; an answer of several panels is theirs in equal parts. */
function sizesOf(options: SimulationOptions): (panel: Panel) => number | null {
  const sizes = new Map<string, { bytes: number; count: number }>();
  for (const read of options.reads) {
    const requests = read.bytes === null ? null : requestsOf(read, options);
    for (const { panel } of requests ?? []) {
      const size = sizes.get(nameOf(panel)) ?? { bytes: 0, count: 0 };
      size.bytes += (read.bytes ?? 0) / (requests?.length ?? 1);
      size.count++;
      sizes.set(nameOf(panel), size);
    }
  }
  return (panel) => {
    const size = sizes.get(nameOf(panel));
    return size ? size.bytes / size.count : null;
  };
}

/** What decides which entry it is. */
function valuesOf({ panel, parameters }: PanelRequest): (string | null)[] {
  return panel.parameters.map(({ name }) => parameters.get(name)?.canonical ?? null);
}

function nameOf({ dashboardId, id }: Panel): string {
  return `${dashboardId}/${id}`;
}

function rounded(figure: number): number {
  return Math.round(figure * 10) / 10;
}
