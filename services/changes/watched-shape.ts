import { quoteIdentifier } from '../sources/sql-quote.js';
import type { ChangesDefinition, WatchedTable } from './change-feed.js';
import type { FeedConnection, FeedRow } from './feed-connection.js';

/** A table that stores rows of a declared one: the table itself, a partition, a child. */
export interface ShapePart {
  readonly oid: string;
  /** `schema.table` */
  readonly name: string;
  readonly schema: string;
  readonly relation: string;
  /** r table, p partitioned, m materialised view, v view, f foreign table. */
  readonly kind: string;
  /** Another file: all rows were written anew or thrown away, as DDL, TRUNCATE and REFRESH do. Null where there is none. */
  readonly file: string | null;
  /** How PostgreSQL names a changed row to others: d by primary key, i by an index, f by all columns, n not at all. */
  readonly identity: string;
  readonly hasPrimaryKey: boolean;
  /** Rows written since the counters began, rolled-back ones included. */
  readonly writesCount: string;
  /** Our triggers that fire. */
  readonly triggersCount: number;
  /** What the function of these triggers was made for; null without. */
  readonly triggersFor: string | null;
}

/** A declared table as it is in the database. */
export interface ShapeOfTable {
  readonly declared: string;
  readonly watched: WatchedTable;
  /** Null: there is none of this name. */
  readonly root: ShapePart | null;
  readonly isPublished: boolean;
  /** Of its tenant column; null where there is none. */
  readonly tenantTypeId: number | null;
  /** The root first. */
  readonly parts: readonly ShapePart[];
}

const SHAPE = `
  WITH RECURSIVE declared AS (
    SELECT name, to_regclass(quoted) AS root, tenant FROM unnest($1::text[], $2::text[], $4::text[]) AS d(name, quoted, tenant)
  ), part AS (
    SELECT name, root, tenant, root::oid AS oid FROM declared WHERE root IS NOT NULL
    UNION SELECT part.name, part.root, part.tenant, i.inhrelid FROM part JOIN pg_inherits i ON i.inhparent = part.oid
  )
  SELECT part.name AS declared, c.oid::text, n.nspname AS schema, c.relname AS relation, c.relkind::text AS kind,
    c.oid = part.root AS is_root, pg_relation_filenode(c.oid)::text AS file, c.relreplident::text AS identity,
    EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary) AS has_primary_key,
    (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))::text
      AS writes_count,
    EXISTS (SELECT FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = part.root
            WHERE p.pubname = $3 AND (p.puballtables OR r.oid IS NOT NULL)) AS is_published,
    (SELECT a.atttypid::int FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = part.tenant AND NOT a.attisdropped)
      AS tenant_type_id,
    (SELECT count(*)::int FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'dashcache\\_%' AND t.tgenabled = 'A')
      AS triggers_count,
    (SELECT max(obj_description(t.tgfoid, 'pg_proc')) FROM pg_trigger t
      WHERE t.tgrelid = c.oid AND t.tgname LIKE 'dashcache\\_%') AS triggers_for
  FROM part JOIN pg_class c ON c.oid = part.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  ORDER BY part.name, is_root DESC, c.oid`;

/** The publication of a source. */
export function publicationOf(source: string): string {
  return `dashcache_${source}`;
}

/** The declared tables as they are now; one cheap statement over the catalogue. */
export async function watchedShape(
  connection: Pick<FeedConnection, 'query'>,
  { source, changes }: { source: string; changes: ChangesDefinition },
): Promise<readonly ShapeOfTable[]> {
  const names = [...changes.tables.keys()];
  const tenants = [...changes.tables.values()].map(({ tenantColumn }) => tenantColumn);
  const rows = await connection.query(SHAPE, [names, names.map(quotedTable), publicationOf(source), tenants]);
  return [...changes.tables].map(([declared, watched]) => {
    const own = rows.filter((row) => row['declared'] === declared);
    return {
      declared,
      watched,
      root: own[0] ? partOf(own[0]) : null,
      tenantTypeId: typeof own[0]?.['tenant_type_id'] === 'number' ? own[0]['tenant_type_id'] : null,
      isPublished: own[0]?.['is_published'] === true,
      parts: own.map(partOf),
    };
  });
}

/** Names of the tables that are not as they were: other partitions, other files. */
export function reshaped(before: readonly ShapeOfTable[], now: readonly ShapeOfTable[]): string[] {
  const known = new Map(before.map((table) => [table.declared, marksOf(table)]));
  return now
    .filter((table) => known.get(table.declared) !== marksOf(table))
    .map(({ declared, root }) => root?.name ?? declared);
}

function marksOf({ parts }: ShapeOfTable): string {
  return JSON.stringify(parts.map(({ oid, file }) => [oid, file]));
}

function partOf(row: FeedRow): ShapePart {
  const text = (key: string) => String(row[key] ?? '');
  return {
    oid: text('oid'),
    name: `${text('schema')}.${text('relation')}`,
    schema: text('schema'),
    relation: text('relation'),
    kind: text('kind'),
    file: row['file'] === null ? null : text('file'),
    identity: text('identity'),
    hasPrimaryKey: row['has_primary_key'] === true,
    writesCount: text('writes_count'),
    triggersCount: Number(row['triggers_count']),
    triggersFor: row['triggers_for'] === null ? null : text('triggers_for'),
  };
}

/** `tasks` or `schema.tasks`, capitals and all. */
export function quotedTable(name: string): string {
  return name.split('.').map(quoteIdentifier).join('.');
}
