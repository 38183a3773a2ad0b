import { type Static, Type } from '@sinclair/typebox';
import { parameterSchema } from './schema-parameters.js';
import {
  choice,
  closed,
  NAME_PATTERN,
  name,
  path,
  record,
  sql,
  tenantProof,
  text,
  verbatim,
} from './schema-parts.js';
import { policyKeys } from './schema-policy.js';
import { warmingSchema } from './schema-warming.js';

const value = Type.Object(
  {
    title: Type.Optional(text('What people read above the value. Default: the column made readable.')),
    format: Type.Optional(
      choice(
        ['integer', 'number', 'percent', 'currency', 'duration', 'bytes', 'date', 'text'],
        'How pages show it. percent: of 100; duration: seconds.',
      ),
    ),
    unit: Type.Optional(text('What is written behind it: an ISO 4217 code with `format: currency`.')),
    digits: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 20, description: 'Digits after the decimal point.' }),
    ),
    better: Type.Optional(
      choice(['up', 'down'], 'Whether more or less of it is good news: the colour of a change.'),
    ),
    exact: Type.Optional(
      Type.Boolean({
        description: 'Whether its decimals are sent as strings, so that no digit is lost. Default false.',
      }),
    ),
    compare: Type.Optional(
      choice(['previous_period'], 'Also gives its value in the period before, as `previous` beside `data`.'),
    ),
  },
  { ...closed, description: 'How one column of the result is shown and sent.' },
);

const panelKeys = {
  title: Type.Optional(text('What people read above the panel. Default: its name made readable.')),
  query: Type.Optional(
    sql(
      'One SELECT. It binds parameters as :name, and a period called `period` as :period_start and :period_end.',
    ),
  ),
  values: Type.Optional(
    record('^.{1,128}$', value, 'How single columns are shown and sent, by column name.'),
  ),
  path: Type.Optional(
    path(
      'For HTTP sources: the path behind their url, with a query if one is needed. Parameters fill whole segments and whole values, as in /sales/:region?from=:period_start.',
    ),
  ),
  rows: Type.Optional(
    verbatim(
      'For HTTP sources: where in the answer the rows are, as a JSON pointer such as /data/rows. An array of objects for a chart, one object for metrics and summary. Default: the whole answer.',
    ),
  ),
  tenant_proof: tenantProof,
  ...policyKeys,
};

const queries = Type.Optional(
  record(
    NAME_PATTERN,
    sql('A SELECT that gives one row.'),
    'Several SELECTs instead of one `query`, each with a name of your choice: their single rows are merged into one object.',
  ),
);

const rowPanel = (description: string) => Type.Object({ ...panelKeys, queries }, { ...closed, description });

const chart = Type.Object(
  {
    type: choice(['line', 'bar', 'area', 'pie', 'table'], 'How it is drawn.'),
    labels: text('The column of the labels: every other column of the result is a series.', {
      maxLength: 128,
    }),
    ...panelKeys,
    queries: Type.Optional(
      Type.Unsafe<never>({
        description: 'For metrics and summary only: a chart has one `query`.',
        'x-refused': 'a chart has one query; `queries` is for metrics and summary',
      }),
    ),
  },
  { ...closed, description: 'A chart.' },
);

/** One dashboard file. */
export const dashboardSchema = Type.Object(
  {
    id: name('The dashboard in addresses, labels and logs: a to z, 0 to 9 and _.'),
    title: Type.Optional(text('What people read above the dashboard. Default: the id made readable.')),
    params: Type.Optional(
      record(NAME_PATTERN, parameterSchema, 'What readers may ask by: the name, then its type and limits.'),
    ),
    metrics: Type.Optional(rowPanel('Single numbers: one row, each column a metric.')),
    charts: Type.Optional(record(NAME_PATTERN, chart, 'The charts, in the order in which pages show them.')),
    summary: Type.Optional(rowPanel('A few facts about what the dashboard is of: one row.')),
    warming: Type.Optional(warmingSchema),
    tenant_proof: tenantProof,
    ...policyKeys,
  },
  { ...closed, title: 'A dashboard', description: 'One dashboard: its parameters and its panels.' },
);

export type DashboardYaml = Static<typeof dashboardSchema>;
export type ChartYaml = Static<typeof chart>;
export type RowPanelYaml = NonNullable<DashboardYaml['metrics']>;
export type ValueYaml = Static<typeof value>;
