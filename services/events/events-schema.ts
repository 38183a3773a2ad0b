import { type Static, Type } from '@sinclair/typebox';

const at = Type.String({ format: 'date-time', description: 'When this process learned of it' });
const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const InvalidationEvent = Type.Object({
  kind: Type.Literal('invalidation'),
  at,
  mode: Type.Union([Type.Literal('purge'), Type.Literal('expire')]),
  cause: Type.Union(
    [Type.Literal('request'), Type.Literal('table'), Type.Literal('switch'), Type.Literal('unknown')],
    {
      description:
        'request: somebody asked for it; table: data was changed or replaced; switch: the cache was switched on again',
    },
  ),
  taken: Type.Boolean({
    description: 'false: Redis did not take it, so it holds in this process only so far',
  }),
  scopes: Type.Array(
    Type.Object({
      scope: Type.String({ description: 'all, dashboard, panel, source, options, table or tag' }),
      name: orNull('What of that scope; null for all'),
      tenant: orNull('Of which tenant only; null for every one'),
    }),
  ),
});

const RefreshEvent = Type.Object({
  kind: Type.Literal('refresh'),
  at,
  dashboard: Type.String(),
  panel: Type.String(),
  tenant: orNull('null for dashboards without tenants'),
  params: Type.Record(Type.String(), Type.Unknown()),
  cause: Type.Union(
    [
      Type.Literal('absent'),
      Type.Literal('stale'),
      Type.Literal('expired'),
      Type.Literal('purged'),
      Type.Literal('lost'),
      Type.Literal('warming'),
    ],
    {
      description:
        'absent: nothing was stored; stale: its ttl was over; expired or purged: an invalidation; lost: Redis lost the proof of it; warming: somebody asked for it',
    },
  ),
  outcome: Type.Union([Type.Literal('loaded'), Type.Literal('failed')]),
  code: orNull('Code of the failure; null when it was loaded'),
  duration_ms: Type.Number(),
});

const SwitchEvent = Type.Object({
  kind: Type.Literal('switch'),
  at,
  enabled: Type.Boolean(),
  dashboard: orNull('null: everything'),
  panel: orNull('null: the whole dashboard'),
});

const NewRootEvent = Type.Object({
  kind: Type.Literal('new_root'),
  at,
  cause: Type.Union([Type.Literal('first'), Type.Literal('lost'), Type.Literal('foreign')], {
    description:
      'Nothing from before is used again. lost: Redis lost our data; foreign: another server, or a restored one',
  }),
});

const ReloadEvent = Type.Object({
  kind: Type.Literal('reload'),
  at,
  outcome: Type.Union([Type.Literal('taken'), Type.Literal('refused')], {
    description: 'Whether changed definitions came into force',
  }),
});

export const EVENT_KINDS = ['invalidation', 'refresh', 'switch', 'new_root', 'reload'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const EventSchema = Type.Union([InvalidationEvent, RefreshEvent, SwitchEvent, NewRootEvent, ReloadEvent]);
export type CacheEvent = Static<typeof EventSchema>;

/** Body of GET /cache/events: what this process remembers, the newest first. */
export const EventsSchema = Type.Object({ events: Type.Array(EventSchema) });
export type Events = Static<typeof EventsSchema>;
