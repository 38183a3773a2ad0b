import { type Static, Type } from '@sinclair/typebox';
import { closed, NAME_PATTERN, record, text } from './schema-parts.js';

const warmingKeys = {
  schedule: Type.Optional(
    text(
      'When its panels are loaded before anyone asks, as cron writes it: minute, hour, day of the month, month, day of the week, such as 30 6 * * 1-5. `never` takes back what dashcache.yaml says.',
      { maxLength: 200 },
    ),
  ),
  timezone: Type.Optional(text('The zone of the schedule, e.g. Europe/Berlin. Default UTC.')),
  after_deploy: Type.Optional(
    Type.Boolean({
      description:
        'Whether its panels are also loaded after a start, and after a reload that changed them. Default false.',
    }),
  ),
  observed: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 500,
      description:
        'So many of the questions that readers asked most of late are loaded as well, whatever their parameters. Default 20.',
    }),
  ),
};

const parameterValue = Type.Unsafe<string | number | boolean>({
  type: ['string', 'number', 'boolean'],
  description: 'The value of a parameter, written as in a query string.',
  'x-kind': 'scalar',
});

/** Of dashcache.yaml: holds for every dashboard, key by key, unless the dashboard says otherwise. */
export const sharedWarmingSchema = Type.Object(warmingKeys, {
  ...closed,
  description: 'When the panels of every dashboard are loaded before anyone asks.',
});

/** Of one dashboard. */
export const warmingSchema = Type.Object(
  {
    ...warmingKeys,
    params: Type.Optional(
      Type.Array(
        record(NAME_PATTERN, parameterValue, 'Values of parameters; what is left out has its default.'),
        {
          minItems: 1,
          maxItems: 100,
          description:
            'The combinations of parameters that are loaded. Default: the one of all defaults. Each for the tenant that it names, else for every tenant in the options of the tenant parameter.',
        },
      ),
    ),
  },
  { ...closed, description: 'When its panels are loaded before anyone asks.' },
);

export type SharedWarmingYaml = Static<typeof sharedWarmingSchema>;
export type WarmingYaml = Static<typeof warmingSchema>;
