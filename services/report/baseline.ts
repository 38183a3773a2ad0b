import { type Static, Type } from '@sinclair/typebox';

const Count = Type.Integer({ minimum: 0 });
const MaybeNumber = Type.Union([Type.Number({ minimum: 0 }), Type.Null()]);

const Times = Type.Object({
  mean_ms: MaybeNumber,
  p50_ms: MaybeNumber,
  p95_ms: MaybeNumber,
  p99_ms: MaybeNumber,
});

/** What readers and the database would have without the cache, as it was measured; kept in a file. */
export const BaselineSchema = Type.Object({
  version: Type.Literal(1),
  measured_at: Type.String(),
  /** Where the addresses are from. */
  traffic: Type.Union([Type.Literal('access_log'), Type.Literal('statistics')]),
  seed: Count,
  requests: Count,
  /** Panel reads of these requests that were answered, and that were not. */
  reads: Count,
  failed: Count,
  /** Addresses that the service does not know. */
  refused: Count,
  /** Of the answered reads: a bypass hits nothing. Null without any. */
  hit_rate: MaybeNumber,
  /** Of panels. */
  load_time: Times,
  /** Of the requests for whole dashboards, until the last panel was there; absent from files of versions that did not time them. */
  dashboard_load_time: Type.Optional(Times),
  queries: Count,
  /** Of the real traffic; null where nobody tells of it. */
  requests_per_minute: MaybeNumber,
  queries_per_minute: MaybeNumber,
});

export type Baseline = Static<typeof BaselineSchema>;
