import { type Static, Type } from '@sinclair/typebox';
import { acknowledgement } from '../invalidation/invalidation-schema.js';

/** Body of PUT /cache/switch. */
export const SwitchSchema = Type.Object(
  {
    enabled: Type.Boolean({ description: 'false: reads ask their source; true: reads use the cache again' }),
    dashboard: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Only this dashboard; without it everything',
      }),
    ),
    panel: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'Only this panel of the dashboard' }),
    ),
  },
  { additionalProperties: false },
);
export type SwitchBody = Static<typeof SwitchSchema>;

const state = {
  enabled: Type.Boolean({ description: 'Whether reads use the cache now' }),
  off_by: Type.Union(
    [
      Type.Literal('CACHE_ENABLED'),
      Type.Literal('all'),
      Type.Literal('dashboard'),
      Type.Literal('panel'),
      Type.Null(),
    ],
    { description: 'The widest switch that is off for it; null where none is' },
  ),
};

const states = {
  ...state,
  dashboards: Type.Array(
    Type.Object({
      dashboard: Type.String(),
      ...state,
      panels: Type.Array(Type.Object({ panel: Type.String(), ...state })),
    }),
  ),
};

/** Body of GET /cache/switch: every state there is. */
export const SwitchStatesSchema = Type.Object(states);
export type SwitchStates = Static<typeof SwitchStatesSchema>;

/** Answer to PUT /cache/switch. */
export const SwitchedSchema = Type.Object({ ...acknowledgement, ...states });
export type Switched = Static<typeof SwitchedSchema>;
