import { type Static, type TSchema, Type } from '@sinclair/typebox';

const instant = (description: string) => Type.String({ format: 'date-time', description });
const duration = (description: string) => Type.Number({ description });
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const EntryState = Type.Union(
  [Type.Literal('fresh'), Type.Literal('stale'), Type.Literal('gone'), Type.Literal('absent')],
  { description: 'fresh; stale: may still be served; gone: may not be used any more; absent: there is none' },
);

const CopySchema = Type.Object({
  state: EntryState,
  reason: Type.String({ description: 'Why it is in that state' }),
  stored_at: instant('When the load ended that it came from: Age counts from here'),
  stale_at: instant('When it becomes stale, or did'),
  delete_at: instant('When it may not be served any more, whatever happens'),
  generated_at: instant('When this content was first produced'),
  age_ms: duration('Since stored_at'),
  bytes: Type.Integer({ description: 'Of the body, uncoded' }),
  etag: Type.String(),
});

/** One panel as the next read would find it. */
export const ExplainedEntrySchema = Type.Object({
  panel: Type.String(),
  params: Type.Record(Type.String(), Type.Unknown(), {
    description: 'Bound parameters in canonical spelling',
  }),
  state: EntryState,
  reason: Type.String({ description: 'What the next read would do, and why' }),
  found_in: Type.Union([Type.Literal('l1'), Type.Literal('l2'), Type.Null()]),
  age_ms: orNull(Type.Number({ description: 'Age of what would be served; null where nothing would be' })),
  enabled: Type.Boolean({ description: 'Whether reads of it use the cache now' }),
  policy: Type.Object({
    ttl_ms: duration('How long it is fresh'),
    ttl_origin: Type.String({
      description:
        'Where the ttl comes from: panel, dashboard, dashcache.yaml, options, or the name of a setting',
    }),
    grace_ms: duration('How long a stale one may be served while it is refreshed'),
    stale_if_error_ms: duration('How long a stale one may be served while the source fails'),
    deadline_ms: duration('How long a load may take'),
    max_staleness_ms: orNull(
      Type.Number({ description: 'How long it may lack a change of its tables while the source is well' }),
    ),
    soft_deadline_ms: orNull(Type.Number({ description: 'How long a reader waits who has something stale' })),
    unproven: Type.Union([Type.Literal('allow'), Type.Literal('never')]),
  }),
  source: Type.String(),
  tables: Type.Array(Type.String({ description: 'Tables that it is known to read' })),
  tables_verdict: Type.Union(
    [Type.Literal('exact'), Type.Literal('over'), Type.Literal('unknown'), Type.Literal('declared')],
    {
      description:
        'exact: these tables and no others; over: perhaps fewer; unknown: perhaps others; declared: what depends_on or ttl_only says',
    },
  ),
  key: Type.Object({
    hash: Type.String(),
    redis_key: orNull(Type.String({ description: 'Its name in Redis; null without Redis' })),
    dashboard: Type.String(),
    panel: Type.String(),
    tenant: orNull(Type.String()),
    definition: Type.String({
      description: 'Hash of all that decides its content: a changed definition has another',
    }),
    params: Type.Array(
      Type.Object({ name: Type.String(), type: Type.String(), value: orNull(Type.String()) }),
    ),
  }),
  tags: Type.Array(
    Type.Object({
      tag: Type.String({ description: 'As it stands in Redis' }),
      scope: Type.String({ description: 'all, dashboard, panel, source, options, table or tag' }),
      name: orNull(Type.String()),
      tenant: orNull(Type.String()),
    }),
  ),
  l1: orNull(CopySchema),
  l2: orNull(CopySchema),
});
export type ExplainedEntry = Static<typeof ExplainedEntrySchema>;
export type ExplainedCopy = Static<typeof CopySchema>;

/** Body of GET /cache/entries?url=. */
export const EntriesSchema = Type.Object({
  url: Type.String({ description: 'What was asked about, as path and query' }),
  dashboard: Type.String(),
  tenant: orNull(Type.String()),
  entries: Type.Array(ExplainedEntrySchema),
});
export type Entries = Static<typeof EntriesSchema>;
