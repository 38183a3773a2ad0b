import { type TSchema, Type } from '@sinclair/typebox';

/** What a text means beyond being a text; the shape checker words its faults by it. */
export type TextKind =
  | 'name'
  | 'setting'
  | 'duration'
  | 'size'
  | 'budget'
  | 'sql'
  | 'path'
  | 'pattern'
  | 'text';

const SUBSTITUTED = '.*\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}.*';

/** Ids of dashboards, panels, parameters and sources. */
export const NAME_PATTERN = '^[a-z0-9_]{1,64}$';

/** A setting of our own in PostgreSQL: with a dot, so that it is none of the server's. */
export const SETTING_PATTERN = '^[a-z_][a-z0-9_]{0,62}\\.[a-z_][a-z0-9_]{0,62}$';

/** Queries in a minute. */
export const BUDGET_PATTERN = `^([1-9][0-9]{0,6}/min|${SUBSTITUTED})$`;

export const text = (description: string, options: { maxLength?: number } = {}) =>
  Type.String({ description, minLength: 1, maxLength: 500, 'x-kind': 'text', ...options });

export const name = (description: string) =>
  Type.String({ description, pattern: NAME_PATTERN, 'x-kind': 'name' });

export const sql = (description: string) =>
  Type.String({ description, minLength: 1, maxLength: 100_000, 'x-kind': 'sql' });

/** A path of an HTTP source, in which ${NAME} is never filled in. */
export const path = (description: string) =>
  Type.String({ description, minLength: 1, maxLength: 4096, 'x-kind': 'path' });

/** A plain text in which ${NAME} stays as it is. */
export const verbatim = (description: string) =>
  Type.String({ description, minLength: 1, maxLength: 1000, 'x-kind': 'pattern' });

export const duration = (description: string) =>
  Type.String({
    description: `${description}\n\nA number with a unit: 250ms, 30s, 5m, 1h, 2d.`,
    pattern: `^((0|[1-9][0-9]*)(\\.[0-9]{1,3})?(ms|s|m|h|d)|${SUBSTITUTED})$`,
    'x-kind': 'duration',
  });

export const size = (description: string) =>
  Type.Unsafe<string | number>({
    description: `${description}\n\nBytes, or a number with a unit: 500 kB, 4 MiB.`,
    anyOf: [
      { type: 'integer', minimum: 1 },
      {
        type: 'string',
        pattern: `^((0|[1-9][0-9]*)(\\.[0-9]{1,3})?\\s?([kKmMgG][iI]?)?[bB]|${SUBSTITUTED})$`,
      },
    ],
    'x-kind': 'size',
  });

export const choice = <const T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], description });

export const tenantProof = Type.Optional(
  choice(
    ['required', 'declared'],
    'Whether `validate` has to see that queries read rows of their tenant alone. declared: you say that they do, where it cannot be seen. Default required.',
  ),
);

export const sharedTables = Type.Optional(
  Type.Array(text('A table, as queries write it.', { maxLength: 128 }), {
    maxItems: 1000,
    description:
      "Tables that hold no tenant's rows, such as a calendar: queries of a tenant's dashboard may read all of their rows.",
  }),
);

export const record = <T extends TSchema>(key: string, value: T, description: string) =>
  Type.Unsafe<Record<string, T['static']>>({
    type: 'object',
    description,
    patternProperties: { [key]: value },
    additionalProperties: false,
  });

/** A key that is planned: known, so that its fault can say so, and refused, so that none is silently ignored. */
export const unsupported = (description: string) =>
  Type.Optional(
    Type.Unsafe<never>({
      description: `${description} Not supported by this version.`,
      'x-unsupported': true,
    }),
  );

export const closed = { additionalProperties: false } as const;
