import { type Static, Type } from '@sinclair/typebox';
import { choice, closed, record, text } from './schema-parts.js';

const watchedTable = Type.Object(
  {
    tenant_column: Type.Optional(
      text(
        'The column that says whose row it is: a changed row touches only what is stored for that tenant. A whole number, text or uuid. Default: none, so that a change touches all tenants.',
        { maxLength: 63 },
      ),
    ),
    immutable: Type.Optional(
      Type.Boolean({
        description:
          'That column of a row never changes: an update touches only the tenant of the new row, also where the database does not tell the old one. Default false.',
      }),
    ),
  },
  { ...closed, description: 'One table that is watched.' },
);

/** How changes of a source's tables become known. */
export const changesSchema = Type.Object(
  {
    feed: choice(
      ['logical', 'notify', 'poll'],
      'logical: logical replication; notify: triggers and an outbox; poll: counters of the database. The first two need `dashcache changes install`.',
    ),
    url: Type.Optional(
      text(
        `Where the feed finds the database itself, and as whom, if the source reaches it through a pooler such as PgBouncer; best as \${DATABASE_DIRECT_URL}. Default: the url of the source.`,
        { maxLength: 4096 },
      ),
    ),
    tables: record(
      '^[^.]{1,63}(\\.[^.]{1,63})?$',
      watchedTable,
      'The tables that are watched, as `tasks` or `schema.tasks`. What panels read from others only their ttl renews.',
    ),
  },
  { ...closed, description: 'How changes of its tables become known.' },
);

export type ChangesYaml = Static<typeof changesSchema>;
