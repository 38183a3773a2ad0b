import { type Static, Type } from '@sinclair/typebox';

/** What an audit reads of a panel body as docs/api.md describes it. */
export const PanelBodySchema = Type.Object({
  dashboard: Type.String(),
  panel: Type.String(),
  params: Type.Record(Type.String(), Type.Unknown()),
  generated_at: Type.String({ format: 'date-time' }),
  data: Type.Unknown(),
  previous: Type.Optional(Type.Unknown()),
});
export type PanelBody = Static<typeof PanelBodySchema>;
