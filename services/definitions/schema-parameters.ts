import { type Static, Type } from '@sinclair/typebox';
import { choice, closed, sql, text, verbatim } from './schema-parts.js';

const scalar = (description: string) =>
  Type.Unsafe<string | number | boolean>({
    type: ['string', 'number', 'boolean'],
    description,
    'x-kind': 'scalar',
  });

const commonKeys = {
  title: Type.Optional(text('What people read above the field. Default: the name made readable.')),
  optional: Type.Optional(
    Type.Boolean({
      description: 'Whether it may be left out without a default: it then binds NULL. Default false.',
    }),
  ),
  default: Type.Optional(
    scalar('What holds when it is left out, written as in a query string. Without one it must be given.'),
  ),
  options: Type.Optional(
    sql(
      'A SELECT that gives the choices offered to people: the first column is the value, the second, if there is one, its label. It runs on the source of the dashboard.',
    ),
  ),
};

const tenantKey = {
  tenant: Type.Optional(
    Type.Boolean({
      description:
        'Whether it says whose data is read. Every query of the dashboard must then bind it, and no entry is ever shared between two tenants. Default false.',
    }),
  ),
};

const noTenantKey = {
  tenant: Type.Optional(
    Type.Unsafe<never>({
      description: 'For integers and strings only.',
      'x-refused': 'only an integer or a string can be the tenant',
    }),
  ),
};

const integer = Type.Object(
  {
    type: choice(['integer'], 'A whole number within 2^53.'),
    ...commonKeys,
    ...tenantKey,
    minimum: Type.Optional(Type.Integer({ description: 'The smallest value that is accepted.' })),
    maximum: Type.Optional(Type.Integer({ description: 'The largest value that is accepted.' })),
  },
  closed,
);

const number = Type.Object(
  {
    type: choice(['number'], 'A number as JSON writes it.'),
    ...commonKeys,
    ...noTenantKey,
    minimum: Type.Optional(Type.Number({ description: 'The smallest value that is accepted.' })),
    maximum: Type.Optional(Type.Number({ description: 'The largest value that is accepted.' })),
  },
  closed,
);

const string = Type.Object(
  {
    type: choice(['string'], 'A text.'),
    ...commonKeys,
    ...tenantKey,
    enum: Type.Optional(
      Type.Array(verbatim('One of the accepted values.'), {
        minItems: 1,
        maxItems: 1000,
        description: 'The values that are accepted; any other is refused.',
      }),
    ),
    pattern: Type.Optional(
      verbatim(
        'A regular expression that must match somewhere in the value: begin it with ^ and end it with $ to mean the whole value. One that can backtrack catastrophically is refused.',
      ),
    ),
    max_length: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'The most characters that are accepted. Default, and at most, 1000.',
      }),
    ),
  },
  closed,
);

const simple = <const T extends string>(type: T, description: string) =>
  Type.Object({ type: choice([type], description), ...commonKeys, ...noTenantKey }, closed);

const period = Type.Object(
  {
    type: choice(
      ['period'],
      'A time from :name_start up to, but without, :name_end. Asked for as 24h, 30d, 8w, 3mo or 2026-01-01/2026-02-01.',
    ),
    ...commonKeys,
    ...noTenantKey,
    maximum: Type.Optional(text('The longest period that is accepted, e.g. 366d. Default: any.')),
    align: Type.Optional(
      text(
        'A period such as 30d ends at the next boundary of this: 5m, 1h, 1d, 1w, 1mo. Readers who ask within one step share one entry. Default 1h.',
      ),
    ),
    timezone: Type.Optional(
      text('The zone in which its days, weeks and months begin, e.g. Europe/Berlin. Default UTC.'),
    ),
  },
  closed,
);

const kinds = [
  integer,
  number,
  string,
  period,
  simple('boolean', 'true or false.'),
  simple('date', 'A date, as 2026-01-31.'),
  simple('timestamp', 'An instant with its offset, as 2026-01-31T08:00:00Z.'),
] as const;

type ParameterByKind = Static<(typeof kinds)[number]>;

/** One declared parameter; `type` decides which keys it may have. */
export const parameterSchema = Type.Unsafe<ParameterByKind>({
  anyOf: [...kinds],
  'x-choose-by': 'type',
  description: 'A value that readers give in the query string. Queries bind it as :name.',
});

type KeysOfAny<Kind> = Kind extends unknown ? keyof Kind : never;
type TypeOfAny<Kind, Key> = Kind extends unknown ? (Key extends keyof Kind ? Kind[Key] : never) : never;

/** The keys of all types in one, as the builder reads them once the shape is known to be right. */
export type ParameterYaml = {
  readonly [Key in KeysOfAny<ParameterByKind>]?: TypeOfAny<ParameterByKind, Key>;
};
