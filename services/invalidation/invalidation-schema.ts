import { type Static, Type } from '@sinclair/typebox';

export const LONGEST_TAG = 128;
export const TAGS_PER_REQUEST_COUNT = 100;

const name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });

/** Body of POST /cache/invalidations. Which members may stand together is decided in selection.ts. */
export const InvalidationSchema = Type.Object(
  {
    mode: Type.Optional(
      Type.Union([Type.Literal('purge'), Type.Literal('expire')], {
        description:
          'purge (default): nobody sees the old data; expire: it may be served once more while it is refreshed',
      }),
    ),
    wait: Type.Optional(
      Type.Boolean({
        description: 'Whether a purge answers only when every process has applied it (default true)',
      }),
    ),
    warm: Type.Optional(
      Type.Boolean({
        description:
          'Whether what it touches is loaded anew at once, in the background: what the definitions name, and what readers asked most of late (default false)',
      }),
    ),
    all: Type.Optional(Type.Literal(true, { description: 'Everything' })),
    dashboard: Type.Optional(name('Id of a dashboard')),
    panel: Type.Optional(name('Id of a panel of the dashboard: metrics, summary or charts/<name>')),
    table: Type.Optional(name('tasks or schema.tasks, in every source')),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: LONGEST_TAG }), {
        minItems: 1,
        maxItems: TAGS_PER_REQUEST_COUNT,
        description: 'Tags of panels: entries with any of them',
      }),
    ),
    tenant: Type.Optional(
      name("Narrows to one tenant: the canonical text of the tenant parameter, '7' for 7"),
    ),
  },
  { additionalProperties: false },
);
export type InvalidationBody = Static<typeof InvalidationSchema>;

/** How far a change reached before it was answered. */
export const acknowledgement = {
  reach: Type.Union([Type.Literal('replicated'), Type.Literal('primary'), Type.Literal('memory')], {
    description: 'replicated: a replica of Redis has it; primary: Redis has it; memory: there is no Redis',
  }),
  processes: Type.Integer({ minimum: 1, description: 'Live processes of this cache' }),
  confirmed: Type.Integer({
    minimum: 1,
    description:
      'Those that said that they have applied it; the others have lost their trust by then, so it holds there too',
  }),
};

export const InvalidatedSchema = Type.Object({
  ...acknowledgement,
  warming: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'With warm: the dashboards that are loaded anew now; GET /cache/events?kind=warming tells how that ended',
    }),
  ),
});
export type Invalidated = Static<typeof InvalidatedSchema>;
