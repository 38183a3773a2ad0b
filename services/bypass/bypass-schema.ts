import { type Static, Type } from '@sinclair/typebox';

const Ms = Type.Number({ minimum: 0 });

/** Body of POST /cache/bypasses. */
export const BypassSchema = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: 10_000,
      description: 'An address of data: path and query, percent-encoded, or a whole URL of this service',
      examples: ['/dashboards/operations/metrics?site_id=7'],
    }),
  },
  { additionalProperties: false },
);
export type BypassBody = Static<typeof BypassSchema>;

/** What reading an address beside the cache took. */
export const BypassedSchema = Type.Object({
  url: Type.String(),
  dashboard: Type.String(),
  is_whole: Type.Boolean({ description: 'Whether all panels of the dashboard were asked for' }),
  duration_ms: Type.Number({ minimum: 0, description: 'Until the slowest panel was there' }),
  panels: Type.Array(
    Type.Object({
      panel: Type.String(),
      duration_ms: Ms,
      queries: Type.Integer({ minimum: 0, description: 'Queries that one load of it asks the source' }),
      bytes: Type.Integer({ minimum: 0, description: 'Of the body, not coded' }),
      problem: Type.Union([Type.String(), Type.Null()], {
        description: 'The code of what went wrong; null where it was read',
      }),
    }),
  ),
});
export type Bypassed = Static<typeof BypassedSchema>;
