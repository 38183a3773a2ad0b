import type { PeriodFigures } from '../statistics/period-figures.js';
import type { EnabledPeriodsBody, EnabledStatisticsBody } from '../statistics/report-schema.js';
import type { Baseline } from './baseline.js';

type Target = EnabledStatisticsBody['targets'][number];
export type FigureName = Target['name'];
export type FigureUnit = Target['unit'];

/** One line of the success table. What was not measured is null. */
export interface SuccessRow {
  readonly name: FigureName;
  readonly unit: FigureUnit;
  /** at_least or at_most `target`. */
  readonly wanted: Target['wanted'];
  readonly baseline: number | null;
  readonly target: number;
  readonly actual: number | null;
  readonly met: boolean | null;
  /** Only of load_time: what loads were. */
  readonly of?: LoadKind;
}

/** A dashboard is loaded when its last panel is there; where nobody reads one in one request, the panels are judged. */
export type LoadKind = 'dashboards' | 'panels';

export interface ReportedPeriod {
  readonly kind: 'total' | 'day' | 'week';
  readonly first_day: string;
  readonly last_day: string;
  readonly minutes: number;
  readonly requests: number;
  readonly errors: number;
  readonly cache_errors: number;
  readonly loads_of: LoadKind;
  readonly mean_load_ms: number | null;
  /** Of panel reads, in any case. */
  readonly panel_load_p95_ms: number | null;
  readonly busiest_minute_queries: number;
  readonly actual: Readonly<Record<FigureName, number | null>>;
  /** Targets that this period alone misses. */
  readonly missed: readonly FigureName[];
}

export interface SuccessReport {
  readonly since: string;
  /** process: only of the one that answered, since its start. */
  readonly reach: 'cluster' | 'process';
  readonly baseline: Baseline | null;
  readonly table: readonly SuccessRow[];
  readonly total: ReportedPeriod;
  readonly periods: readonly ReportedPeriod[];
  /** Targets that the whole time misses. */
  readonly missed: readonly FigureName[];
}

export interface ReportParts {
  readonly targets: readonly Target[];
  readonly history: EnabledPeriodsBody;
  readonly baseline: Baseline | null;
}

/** What the roll-out has brought: baseline, target and actual, in all and by period. */
export function successReport({ targets, history, baseline }: ReportParts): SuccessReport {
  const total = reportedPeriod(history.total, targets);
  const table = targets.map(({ name, unit, wanted, target }) => ({
    name,
    unit,
    wanted,
    baseline: baselineOf(baseline, name, total.loads_of),
    target,
    actual: total.actual[name],
    met: isMet({ wanted, target }, total.actual[name]),
    ...(name === 'load_time' && { of: total.loads_of }),
  }));
  return {
    since: history.since,
    reach: history.reach,
    baseline,
    table,
    total,
    periods: history.periods.map((period) => reportedPeriod(period, targets)),
    missed: total.missed,
  };
}

function reportedPeriod(
  period: EnabledPeriodsBody['periods'][number],
  targets: readonly Target[],
): ReportedPeriod {
  const actual = actualOf(period);
  return {
    kind: period.kind,
    first_day: period.first_day,
    last_day: period.last_day,
    minutes: period.minutes,
    requests: period.requests,
    errors: period.errors,
    cache_errors: period.cache_errors,
    loads_of: loadsOf(period).kind,
    mean_load_ms: loadsOf(period).times.mean_ms,
    panel_load_p95_ms: period.load_time.p95_ms,
    busiest_minute_queries: period.busiest_minute_queries,
    actual,
    missed: targets.filter((target) => isMet(target, actual[target.name]) === false).map(({ name }) => name),
  };
}

function loadsOf({ dashboard_load_time: whole, load_time: panels }: PeriodFigures) {
  return whole.p95_ms === null
    ? ({ kind: 'panels', times: panels } as const)
    : ({ kind: 'dashboards', times: whole } as const);
}

/** Loads are judged by the slow ones, and memory by its most. */
function actualOf(figures: PeriodFigures): ReportedPeriod['actual'] {
  return {
    hit_rate: figures.hit_rate,
    load_time: loadsOf(figures).times.p95_ms,
    source_queries: figures.queries_per_minute,
    redis_memory: figures.redis_max_bytes,
  };
}

/** Of the same loads as the actual figure: panels say nothing of dashboards. */
function baselineOf(baseline: Baseline | null, name: FigureName, loads: LoadKind): number | null {
  if (baseline === null) return null;
  switch (name) {
    case 'hit_rate':
      return baseline.hit_rate;
    case 'load_time':
      return (loads === 'panels' ? baseline.load_time : baseline.dashboard_load_time)?.p95_ms ?? null;
    case 'source_queries':
      return baseline.queries_per_minute;
    // Without a cache there is nothing in Redis to be measured.
    case 'redis_memory':
      return null;
  }
}

function isMet({ wanted, target }: Pick<Target, 'wanted' | 'target'>, actual: number | null): boolean | null {
  if (actual === null) return null;
  return wanted === 'at_least' ? actual >= target : actual <= target;
}
