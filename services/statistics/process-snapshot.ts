import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Histogram } from './histogram.js';
import { ReadCounts } from './read-counts.js';

const Count = Type.Number({ minimum: 0 });

/** What one process tells the others: compact, because it is written every few seconds. */
const ProcessSnapshotSchema = Type.Object({
  version: Type.Literal(1),
  id: Type.String({ minLength: 1, maxLength: 100 }),
  pid: Count,
  startedAtMs: Type.Number(),
  /** Dashboard, panel, cells of ReadCounts. */
  panels: Type.Array(Type.Tuple([Type.String(), Type.String(), Type.Array(Count)])),
  /** Histograms as text: reads by layer, queries of all sources as `load`, and whole dashboards. */
  latency: Type.Object({
    l1: Type.String(),
    l2: Type.String(),
    source: Type.String(),
    load: Type.String(),
    /** Absent from versions that did not time them. */
    dashboard: Type.Optional(Type.String()),
  }),
  /** Name, queries, failures, queries in the last 60 s, refusals, waits for the budget, refusals for it. */
  sources: Type.Array(Type.Tuple([Type.String(), Count, Count, Count, Count, Count, Count])),
  memory: Type.Object({ entries: Count, bytes: Count, maxBytes: Count }),
});

export type ProcessSnapshot = Static<typeof ProcessSnapshotSchema>;
export type LatencyName = keyof ProcessSnapshot['latency'];
export const LATENCY_NAMES: readonly LatencyName[] = ['l1', 'l2', 'source', 'load', 'dashboard'];

/** A snapshot another process wrote; null when it is of another format. */
export function parseSnapshot(text: string): ProcessSnapshot | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(ProcessSnapshotSchema, value) ? value : null;
  } catch {
    return null;
  }
}

export interface PanelSum {
  readonly dashboardId: string;
  readonly panelId: string;
  readonly counts: ReadCounts;
}

export interface SourceSum {
  readonly name: string;
  readonly queriesCount: number;
  readonly failuresCount: number;
  readonly perMinuteCount: number;
  readonly refusalsCount: number;
  readonly budgetWaitsCount: number;
  readonly budgetRefusalsCount: number;
}

/** The figures of several processes added up. */
export interface SnapshotSum {
  readonly counts: ReadCounts;
  readonly panels: readonly PanelSum[];
  readonly latency: Readonly<Record<LatencyName, Histogram>>;
  readonly sources: readonly SourceSum[];
}

export function sumSnapshots(snapshots: readonly ProcessSnapshot[]): SnapshotSum {
  const counts = new ReadCounts();
  const panels = new Map<string, PanelSum>();
  const sources = new Map<string, SourceSum>();
  const latency = {
    l1: new Histogram(),
    l2: new Histogram(),
    source: new Histogram(),
    load: new Histogram(),
    dashboard: new Histogram(),
  };
  for (const snapshot of snapshots) {
    for (const [dashboardId, panelId, cells] of snapshot.panels) {
      const key = JSON.stringify([dashboardId, panelId]);
      const panel = panels.get(key) ?? { dashboardId, panelId, counts: new ReadCounts() };
      const added = new ReadCounts(cells);
      panels.set(key, panel);
      panel.counts.merge(added);
      counts.merge(added);
    }
    for (const name of LATENCY_NAMES) {
      const histogram = Histogram.decode(snapshot.latency[name] ?? '');
      if (histogram) latency[name].merge(histogram);
    }
    for (const source of snapshot.sources) addSource(sources, source);
  }
  return { counts, panels: [...panels.values()], latency, sources: [...sources.values()] };
}

function addSource(sources: Map<string, SourceSum>, source: ProcessSnapshot['sources'][number]): void {
  const [name, queries, failures, perMinute, refusals, budgetWaits, budgetRefusals] = source;
  const sum = sources.get(name);
  sources.set(name, {
    name,
    queriesCount: queries + (sum?.queriesCount ?? 0),
    failuresCount: failures + (sum?.failuresCount ?? 0),
    perMinuteCount: perMinute + (sum?.perMinuteCount ?? 0),
    refusalsCount: refusals + (sum?.refusalsCount ?? 0),
    budgetWaitsCount: budgetWaits + (sum?.budgetWaitsCount ?? 0),
    budgetRefusalsCount: budgetRefusals + (sum?.budgetRefusalsCount ?? 0),
  });
}
