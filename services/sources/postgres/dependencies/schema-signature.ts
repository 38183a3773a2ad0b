import type pg from 'pg';

const versions = (catalogue: string, columns: string, where = 'true') =>
  `SELECT '${catalogue}' || pg_catalog.concat_ws(' ', ${columns}) AS fact FROM pg_catalog.${catalogue} WHERE ${where}`;

/**
 * xmin tells of rows that were written anew, but also of REFRESH and TRUNCATE in pg_class: there the columns that count are
 * looked at themselves. Partitions that are attached are in pg_inherits.
 */
const FACTS = [
  versions('pg_namespace', 'oid, nspname', "nspname !~ '^pg_'"),
  versions(
    'pg_class',
    'oid, relname, relnamespace, relkind, relrowsecurity, relforcerowsecurity, relowner',
    `oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'`,
  ),
  versions('pg_rewrite', 'oid, xmin', 'oid >= 16384'),
  versions('pg_proc', 'oid, xmin', 'oid >= 16384'),
  versions('pg_inherits', 'inhrelid, inhparent'),
  versions('pg_policy', 'oid, xmin'),
  versions('pg_operator', 'oid, xmin', 'oid >= 16384'),
  versions('pg_aggregate', 'aggfnoid, xmin', 'aggfnoid >= 16384'),
  versions('pg_cast', 'oid, xmin', 'oid >= 16384'),
  versions('pg_constraint', 'oid, xmin', 'contypid <> 0'),
].join('\nUNION ALL ');

const SIGNATURE = `SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended(fact, 0)),
  pg_catalog.current_setting('search_path'), current_user)::text AS signature FROM (${FACTS}) facts`;

/**
 * Changes when a view, function, partition, policy or table came, went or was declared anew, so that queries may read other
 * tables than before; not by data. A few ms for thousands of tables.
 */
export async function schemaSignature(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query(SIGNATURE);
  return String(rows[0]?.signature);
}
