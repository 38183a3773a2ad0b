import { Type } from '@sinclair/typebox';
import { choice, closed, duration, name, size, text } from './schema-parts.js';

const client = Type.Object(
  {
    max_age: Type.Optional(
      duration('How long a browser may show an answer again without asking. Default 0s: it always asks.'),
    ),
    stale: Type.Optional(
      duration(
        'How long after that a browser may show it while it asks in the background (stale-while-revalidate). Default 5s.',
      ),
    ),
    stale_if_error: Type.Optional(
      duration('How long a browser may show it when the service cannot be reached. Default 60s.'),
    ),
  },
  {
    ...closed,
    description:
      'What browsers and proxies may reuse: the Cache-Control of answers. Apart from ttl and grace, because no invalidation ever reaches a browser.',
  },
);

/** The keys that may stand on a panel, on its dashboard and under `defaults`: the nearest one wins. */
export const policyKeys = {
  source: Type.Optional(name('The source it reads: a name under `sources` in dashcache.yaml.')),
  ttl: Type.Optional(
    duration(
      'How long an answer is fresh. Default: METRICS_TIMEOUT, CHART_DATA_TIMEOUT or SUMMARY_TIMEOUT of the environment, by the kind of panel.',
    ),
  ),
  grace: Type.Optional(
    duration(
      'How long after its ttl an answer may still be served, marked stale, while one reader loads it anew. Default 1h.',
    ),
  ),
  stale_if_error: Type.Optional(
    duration('How long after its ttl an answer may be served because the source fails. Default 24h.'),
  ),
  deadline: Type.Optional(duration('How long a load may take before it is ended. Default 30s, at most 1h.')),
  soft_deadline: Type.Optional(
    duration(
      'How long a reader who could have something stale waits for something fresh. Default: not at all.',
    ),
  ),
  unproven: Type.Optional(
    choice(
      ['allow', 'never'],
      'Whether a value that Redis cannot confirm just now may be served for a moment, marked as unproven. `never` asks the source instead. Default allow.',
    ),
  ),
  max_rows: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'More rows than this are an error of the panel, never a shortened answer. Default 10000.',
    }),
  ),
  max_bytes: Type.Optional(
    size(
      'A result larger than this is an error of the panel, never a shortened answer. Default 4 MiB, at most 64 MiB.',
    ),
  ),
  tags: Type.Optional(
    Type.Array(text('A tag of up to 128 characters.', { maxLength: 128 }), {
      maxItems: 32,
      description:
        'Names under which its entries can be invalidated together, at most 32. A list on the panel replaces the list of its dashboard.',
    }),
  ),
  depends_on: Type.Optional(
    Type.Array(text('A table, as `tasks` or `schema.tasks`.', { maxLength: 128 }), {
      maxItems: 32,
      description:
        'Tables it reads beyond those that the database names: behind functions, or in another system. Invalidating one of them invalidates the panel.',
    }),
  ),
  ttl_only: Type.Optional(
    Type.Boolean({
      description:
        'Nothing but its ttl renews it: the tables that it reads are of no account. Default false.',
    }),
  ),
  client: Type.Optional(client),
  max_staleness: Type.Optional(
    duration(
      'The oldest data that may be served while the source is well: counted from the change where the source has a change feed, else from the load. With 0s a change purges. Default: what ttl and grace allow.',
    ),
  ),
};
