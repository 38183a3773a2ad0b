import t from 'tap';
import { parametersSchema } from '../../../services/definitions/parameter-schema.js';
import { dashboardWith } from './some-definitions.js';

t.test('the parameters of a dashboard as a JSON Schema', async (t) => {
  const dashboard = await dashboardWith(
    [
      'site_id: { type: integer, minimum: 1, tenant: true, options: SELECT id FROM sites }',
      'x: { type: number, maximum: 5, default: 1.50 }',
      'flag: { type: boolean, default: true }',
      'word: { type: string, enum: [a, b], pattern: "^[a-z]$", max_length: 5, title: A word, default: a }',
      'day: { type: date, optional: true }',
      'at: { type: timestamp, default: 2026-01-01T01:00:00+01:00 }',
      'period: { type: period, default: 30d, maximum: 366d, align: 1d, timezone: Europe/Berlin }',
    ],
    ['site_id', 'x', 'flag', 'word', 'day', 'at', 'period_start'],
  ).catch(() => null);
  t.equal(dashboard, null, 'a summary that does not bind the tenant is refused');
  const open = await dashboardWith(
    [
      'n: { type: integer, minimum: 1, options: SELECT id FROM sites }',
      'x: { type: number, maximum: 5, default: 1.50 }',
      'flag: { type: boolean, default: true }',
      'word: { type: string, enum: [a, b], pattern: "^[a-z]$", max_length: 5, title: A word, default: a }',
      'day: { type: date, optional: true }',
      'at: { type: timestamp, default: 2026-01-01T01:00:00+01:00 }',
      'period: { type: period, default: 30d, maximum: 366d, align: 1d, timezone: Europe/Berlin }',
      'span: { type: period }',
    ],
    ['n', 'x', 'flag', 'word', 'day', 'at', 'period_start', 'span_end'],
  );
  t.same(parametersSchema(open), {
    type: 'object',
    properties: {
      n: { type: 'integer', minimum: 1, title: 'N', 'x-options': true },
      x: { type: 'number', maximum: 5, title: 'X', default: 1.5 },
      flag: { type: 'boolean', title: 'Flag', default: true },
      word: {
        type: 'string',
        maxLength: 5,
        enum: ['a', 'b'],
        pattern: '^[a-z]$',
        title: 'A word',
        default: 'a',
      },
      day: { type: 'string', format: 'date', title: 'Day' },
      at: { type: 'string', format: 'date-time', title: 'At', default: '2026-01-01T01:00:00+01:00' },
      period: {
        type: 'string',
        'x-period': { align: '1d', timezone: 'Europe/Berlin', maximum: '366d' },
        title: 'Period',
        default: '30d',
      },
      span: { type: 'string', 'x-period': { maximum: null, align: '1h', timezone: 'UTC' }, title: 'Span' },
    },
    required: ['n', 'span'],
    additionalProperties: false,
  });
  const tenant = parametersSchema({
    ...open,
    parameters: new Map(
      [...open.parameters].slice(0, 1).map(([name, parameter]) => [name, { ...parameter, tenant: true }]),
    ),
  });
  t.match(tenant, { properties: { n: { 'x-tenant': true } } });
});
