import { type Static, type TSchema, Type } from '@sinclair/typebox';
import type { Problem } from '../services/http/problem.js';

/** Answers that are sent as prepared bytes: the schema documents them, nothing serialises them. */
export function bytesOf<S extends TSchema>(schema: S) {
  return Type.Unsafe<Buffer>(schema);
}

export type BytesOf = Static<ReturnType<typeof bytesOf>>;

export const problemSchema = Type.Unsafe<Problem>(
  Type.Object({
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String(),
    request_id: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          detail: Type.String(),
          parameter: Type.Optional(Type.String()),
          pointer: Type.Optional(Type.String()),
        }),
      ),
    ),
  }),
);

const notModified = Type.Unsafe<null>(Type.Null({ description: 'The reader has this content already' }));

/** What every data route can answer beside its 200. */
export const dataProblems = {
  304: notModified,
  400: problemSchema,
  404: problemSchema,
  500: problemSchema,
  502: problemSchema,
  503: problemSchema,
  504: problemSchema,
} as const;

/** What every address of administration can answer beside its 200. */
export const administrationProblems = {
  400: problemSchema,
  401: problemSchema,
  403: problemSchema,
  404: problemSchema,
  500: problemSchema,
  503: problemSchema,
} as const;

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const row = Type.Record(Type.String(), Type.Unknown());

const panelMembers = {
  dashboard: Type.String(),
  panel: Type.String(),
  params: Type.Record(Type.String(), scalar),
  generated_at: Type.String({ format: 'date-time' }),
};

/** Metrics and summary: one object, null when the query gives no row. */
export const recordPanelSchema = Type.Object({
  ...panelMembers,
  data: Type.Union([row, Type.Null()]),
  previous: Type.Optional(Type.Union([row, Type.Null()])),
});

export const chartPanelSchema = Type.Object({
  ...panelMembers,
  data: Type.Object({
    type: Type.String(),
    labels: Type.Array(scalar),
    series: Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Type.Unknown()) })),
  }),
});

export const dashboardParams = Type.Object({ dashboard: Type.String() });
