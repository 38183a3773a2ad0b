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
  call: Type.Optional(
    Type.String({
      description: 'Request id of the call that asked for it: the log of the process that took it has more',
    }),
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
  definition: Type.Optional(
    Type.String({
      description: 'Hash of the definition that it was loaded by, as GET /cache/entries has it',
    }),
  ),
  cause: Type.Union(
    [
      Type.Literal('absent'),
      Type.Literal('stale'),
      Type.Literal('expired'),
      Type.Literal('purged'),
      Type.Literal('lost'),
      Type.Literal('warming'),
      Type.Literal('reload'),
    ],
    {
      description:
        'absent: nothing was stored; stale: its ttl was over; expired or purged: an invalidation; lost: Redis lost the proof of it; warming: somebody asked for it; reload: a reader wanted nothing older than his request',
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

const ChangeEvent = Type.Object({
  kind: Type.Literal('change'),
  at,
  source: Type.String({ description: 'Where data changed, as this process heard it itself' }),
  by: Type.Union([Type.Literal('feed'), Type.Literal('gap'), Type.Literal('files')], {
    description:
      'feed: its change feed told; gap: changes may have been missed, so all of it counts as changed; files: its data were replaced',
  }),
  tables: Type.Array(
    Type.Object({
      table: Type.String(),
      tenants: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'null: of any tenant' }),
    }),
  ),
});

const count = (description: string) => Type.Integer({ minimum: 0, description });

const WarmingEvent = Type.Object({
  kind: Type.Literal('warming'),
  at,
  dashboard: Type.String(),
  trigger: Type.Union([Type.Literal('schedule'), Type.Literal('deploy'), Type.Literal('load')], {
    description: 'load: an invalidation asked for it; what POST /cache/warmings does is told to its caller',
  }),
  panels: count('Panels to warm, each counted once for every combination of tenant and parameters'),
  loaded: count('Loaded now'),
  fresh: count('Were fresh already'),
  failed: count('Could not be loaded'),
  switched_off: count('Not loaded, because the cache is switched off for them'),
  hits: count('A read then was answered from the cache'),
  duration_ms: Type.Number({ minimum: 0 }),
});

export const EVENT_KINDS = [
  'invalidation',
  'change',
  'refresh',
  'warming',
  'switch',
  'new_root',
  'reload',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const EventSchema = Type.Union([
  InvalidationEvent,
  ChangeEvent,
  RefreshEvent,
  WarmingEvent,
  SwitchEvent,
  NewRootEvent,
  ReloadEvent,
]);
export type CacheEvent = Static<typeof EventSchema>;

/** Body of GET /cache/events: what this process remembers, the newest first. */
export const EventsSchema = Type.Object({ events: Type.Array(EventSchema) });
export type Events = Static<typeof EventsSchema>;
