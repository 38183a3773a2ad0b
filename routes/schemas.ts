import { type Static, type TSchema, Type } from '@sinclair/typebox';
import type { Problem } from '../services/http/problem.js';
import type { AnswerKind } from '../services/openapi/document.js';
import type { TAGS } from '../services/openapi/info.js';

export interface AboutRoute {
  readonly tag: (typeof TAGS)[number]['name'];
  readonly description?: string;
  /** Which headers its readers get to keep and to renew the answer; none where they keep nothing. */
  readonly answer?: AnswerKind;
}

/**
 * What /openapi.json says of a route beside its schemas. Statuses that every route has, headers, examples and HEAD are added
 * there; what only some answer, such as 503, stands in the route's `response`.
 */
export function about(operationId: string, summary: string, { tag, description, answer }: AboutRoute) {
  return {
    operationId,
    summary,
    tags: [tag],
    ...(description !== undefined && { description }),
    ...(answer !== undefined && { 'x-answer': answer }),
  };
}

/** The same for data: the dashboards and their parts. */
export function aboutData(operationId: string, summary: string, more: Omit<AboutRoute, 'tag'> = {}) {
  return about(operationId, summary, { tag: 'data', answer: 'panel', ...more });
}

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
const row = Type.Record(Type.String(), Type.Unknown(), { examples: [{ total_tasks: 132 }] });

/** Canonical values of the parameters that are bound. */
export const boundParams = Type.Record(Type.String(), scalar, {
  description: 'In the one spelling of their meaning',
  examples: [{ site_id: 7, period: '2026-01-01T00:00:00Z/2026-02-01T00:00:00Z' }],
});

const panelMembers = {
  dashboard: Type.String({ examples: ['operations'] }),
  panel: Type.String({ examples: ['charts/tasks'] }),
  params: boundParams,
  generated_at: Type.String({ format: 'date-time' }),
};

/** Metrics and summary: one object, null when the query gives no row. */
export const recordPanelSchema = Type.Object({
  ...panelMembers,
  data: Type.Union([row, Type.Null()]),
  previous: Type.Optional(row),
});

export const chartPanelSchema = Type.Object({
  ...panelMembers,
  data: Type.Object({
    type: Type.String({ examples: ['line'] }),
    labels: Type.Array(Type.Unknown(), { examples: [['2026-01-01', '2026-01-02']] }),
    series: Type.Array(
      Type.Object({
        name: Type.String({ examples: ['total'] }),
        values: Type.Array(Type.Unknown(), { examples: [[12, 7]] }),
      }),
    ),
  }),
});

const dashboard = Type.String({ description: 'Id of a dashboard', examples: ['operations'] });

export const dashboardParams = Type.Object({ dashboard });
export const chartParams = Type.Object({
  dashboard,
  chart: Type.String({ description: 'Name of one of its charts', examples: ['tasks'] }),
});
export const optionsParams = Type.Object({
  dashboard,
  param: Type.String({ description: 'Name of one of its parameters', examples: ['site_id'] }),
});
