import { type Static, Type } from '@sinclair/typebox';

/** What commands need of the answer of GET /dashboards. */
export const CatalogueSchema = Type.Object({
  dashboards: Type.Array(
    Type.Object({
      id: Type.String(),
      tenant: Type.Union([Type.String(), Type.Null()]),
      panels: Type.Array(Type.Object({ id: Type.String() })),
    }),
  ),
});
export type Catalogue = Static<typeof CatalogueSchema>;

/** The answer of GET /dashboards/:dashboard/options/:param. */
export const OptionsSchema = Type.Object({
  options: Type.Array(Type.Object({ value: Type.Union([Type.String(), Type.Number(), Type.Boolean()]) })),
});
