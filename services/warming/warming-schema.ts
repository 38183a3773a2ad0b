import { type Static, Type } from '@sinclair/typebox';

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** Body of POST /cache/warmings. */
export const WarmingSchema = Type.Object(
  {
    dashboard: Type.String({ minLength: 1, maxLength: 256, description: 'Id of a dashboard' }),
    panel: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Id of one of its panels: metrics, summary or charts/<name>; without it all of them',
      }),
    ),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Parameters as JSON values or as in a query, 7 or '7'; what is left out has its default",
      }),
    ),
    tenant: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1024,
        description:
          'The tenant, instead of its parameter in params; with neither every tenant in its options',
      }),
    ),
  },
  { additionalProperties: false },
);
export type WarmingBody = Static<typeof WarmingSchema>;

/** What a warming did. loaded + fresh + failed + switched_off = panels. */
export const WarmedSchema = Type.Object({
  dashboard: Type.String(),
  tenants: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'For how many tenants; null for a dashboard without tenants',
  }),
  panels: count('Panels to warm, each counted once for every tenant'),
  loaded: count('Loaded now'),
  fresh: count('Were fresh already'),
  failed: count('Could not be loaded'),
  switched_off: count('Not loaded, because the cache is switched off for them'),
  hits: count('A read now is answered from the cache: looked up again after all loads'),
  duration_ms: Type.Number({ minimum: 0 }),
  problems: Type.Array(
    Type.Object({
      panel: Type.String(),
      tenant: Type.Union([Type.String(), Type.Null()]),
      code: Type.String(),
      detail: Type.String(),
    }),
    { description: 'The first failures' },
  ),
});
export type Warmed = Static<typeof WarmedSchema>;
