import { type Static, Type } from '@sinclair/typebox';
import { COUNTERS, READ_COUNTER_NAMES, type ReadCounterName } from './counters.js';
import { MinuteSumSchema } from './minute-record.js';
import { PeriodFiguresSchema } from './period-figures.js';

const Count = Type.Integer({ minimum: 0 });
const Bytes = Type.Number({ minimum: 0 });
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);

/** Shown in the description of the API, where they add up. */
const EXAMPLES: Partial<Record<ReadCounterName, number>> = { total_requests: 2000, hits: 1500, misses: 500 };

/** One property for every read counter, described by the table. */
const readCounters = Object.fromEntries(
  READ_COUNTER_NAMES.map((name) => [
    name,
    Type.Integer({ minimum: 0, description: COUNTERS.reads[name].help, examples: [EXAMPLES[name] ?? 0] }),
  ]),
) as Record<ReadCounterName, typeof Count>;

const counted = {
  ...readCounters,
  hit_rate: Type.Number({
    description: '100 * hits / (hits + misses), 2 digits, 0 without reads',
    examples: [75],
  }),
};

const Reach = Type.Union([Type.Literal('cluster'), Type.Literal('process')], {
  description:
    'cluster: over all live processes; process: over this one, because Redis did not answer or there is none',
});

const LatencySchema = Type.Object({
  count: Count,
  mean_ms: MaybeNumber,
  p50_ms: MaybeNumber,
  p95_ms: MaybeNumber,
  p99_ms: MaybeNumber,
});

const ProcessSchema = Type.Object({
  id: Type.String({ examples: ['b3f1c2d4'] }),
  pid: Count,
  started_at: Type.String({ examples: ['2026-01-31T08:00:00.000Z'] }),
  age_ms: Type.Number({ description: 'How old the figures are; 0 for the process that answers' }),
  ...counted,
  source_queries: Count,
  memory_entries: Count,
  memory_bytes: Bytes,
});

const TargetSchema = Type.Object({
  name: Type.Union([
    Type.Literal('hit_rate'),
    Type.Literal('load_time'),
    Type.Literal('source_queries'),
    Type.Literal('redis_memory'),
  ]),
  unit: Type.Union([
    Type.Literal('percent'),
    Type.Literal('ms'),
    Type.Literal('per_minute'),
    Type.Literal('bytes'),
  ]),
  /** at_least or at_most `target`. */
  wanted: Type.Union([Type.Literal('at_least'), Type.Literal('at_most')]),
  target: Type.Number(),
  actual: MaybeNumber,
  met: Type.Union([Type.Boolean(), Type.Null()], { description: 'null while there is nothing to measure' }),
});

const DisabledSchema = Type.Object({ enabled: Type.Literal(false) });

const EnabledSchema = Type.Object({
  enabled: Type.Literal(true),
  reach: Reach,
  cache_stats: Type.Object(counted),
  recommendation: Type.String({ examples: ['Good hit rate'] }),
  process: Type.Object({
    ...ProcessSchema.properties,
    uptime_seconds: Type.Number(),
    events: Type.Record(Type.String(), Count),
    frames_rejected: Type.Record(Type.String(), Count),
    new_roots: Type.Record(Type.String(), Count),
    slow_operations: Count,
    resident_bytes: Type.Number({
      minimum: 0,
      description: 'All memory of the process, not of the cache alone',
    }),
  }),
  panels: Type.Array(
    Type.Object({
      dashboard: Type.String({ examples: ['operations'] }),
      panel: Type.String({ examples: ['metrics'] }),
      title: Type.Union([Type.String({ examples: ['Key figures'] }), Type.Null()]),
      ...counted,
      recommendation: Type.String({ examples: ['Good hit rate'] }),
    }),
  ),
  latency: Type.Object({
    l1: LatencySchema,
    l2: LatencySchema,
    source: LatencySchema,
    load: LatencySchema,
    dashboard: LatencySchema,
  }),
  sources: Type.Array(
    Type.Object({
      name: Type.String({ examples: ['main'] }),
      queries: Count,
      failures: Count,
      refusals: Count,
      budget_waits: Count,
      budget_refusals: Count,
      queries_per_minute: Count,
      budget_per_minute: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
        description: 'What its definition allows it in a minute; null: as many as are needed',
      }),
    }),
  ),
  redis: Type.Union([
    Type.Object({
      bytes: Bytes,
      entries: Count,
      values_bytes: Bytes,
      ledger_bytes: Bytes,
      other_bytes: Bytes,
      max_bytes: Bytes,
      target_bytes: Bytes,
    }),
    Type.Null(),
  ]),
  memory: Type.Object({ entries: Count, bytes: Bytes, max_bytes: Bytes }),
  processes: Type.Array(ProcessSchema),
  targets: Type.Array(TargetSchema),
});

/** Body of GET /reports/cache-statistics/. */
export const StatisticsBodySchema = Type.Union([DisabledSchema, EnabledSchema]);
export type StatisticsBody = Static<typeof StatisticsBodySchema>;
export type EnabledStatisticsBody = Static<typeof EnabledSchema>;

/** Body of GET /reports/cache-history. */
export const HistoryBodySchema = Type.Union([
  DisabledSchema,
  Type.Object({ enabled: Type.Literal(true), reach: Reach, minutes: Type.Array(MinuteSumSchema) }),
]);
export type HistoryBody = Static<typeof HistoryBodySchema>;

const Day = (description: string) =>
  Type.String({ description: `${description}, a date in UTC`, examples: ['2026-01-31'] });

const PeriodSchema = Type.Object({
  kind: Type.Union([Type.Literal('total'), Type.Literal('day'), Type.Literal('week')]),
  first_day: Day('First day'),
  last_day: Day('Last day, inclusive, which may be still to come'),
  ...PeriodFiguresSchema.properties,
});

const EnabledPeriodsSchema = Type.Object({
  enabled: Type.Literal(true),
  reach: Reach,
  since: Day('The day from which the weeks are counted'),
  total: PeriodSchema,
  periods: Type.Array(PeriodSchema, {
    description: 'Seven days, then weeks; the last one may be unfinished',
  }),
});

/** Body of GET /reports/cache-periods. */
export const PeriodsBodySchema = Type.Union([DisabledSchema, EnabledPeriodsSchema]);
export type PeriodsBody = Static<typeof PeriodsBodySchema>;
export type EnabledPeriodsBody = Static<typeof EnabledPeriodsSchema>;
