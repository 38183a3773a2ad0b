import { quoteIdentifier, quoteLiteral } from '../../sources/sql-quote.js';
import type { WatchedTable } from '../change-feed.js';
import type { ShapeOfTable } from '../watched-shape.js';
import { relationName } from './relation-name.js';

/** More tenants than this in one statement: all of the table is touched. */
const TENANTS_MAX_COUNT = 100;
/** Writers themselves throw away what all have read, once in so many rows: the table stays small where nobody reads any more. */
const TRIM_EVERY_ROWS = 1000;

/**
 * NOTIFY makes commits wait for each other, so that they no longer share a flush to the disk: one in a while is enough, as a reader
 * who has news looks again by itself for longer than this.
 */
const WAKE_EVERY_MS = 200;

/** The room of the triggers: what they write, who reads it, and how it is thrown away. Harmless where it is there already. */
export const OUTBOX_SQL: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS dashcache',
  // UNLOGGED: a crash empties both, and a reader who misses its own line knows that it has missed changes.
  `CREATE UNLOGGED TABLE IF NOT EXISTS dashcache.changes (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id bigint GENERATED ALWAYS AS IDENTITY,
  relation text NOT NULL,
  tenants text[],
  PRIMARY KEY (xid, id)
)`,
  `CREATE UNLOGGED TABLE IF NOT EXISTS dashcache.readers (
  reader text PRIMARY KEY,
  snapshot pg_snapshot NOT NULL,
  told_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`,
  // The instant of the last notification: the one thing that is seen before it commits.
  'CREATE SEQUENCE IF NOT EXISTS dashcache.woken',
  `CREATE OR REPLACE FUNCTION dashcache.wake() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  now_ms bigint := extract(epoch FROM clock_timestamp()) * 1000;
  woken_ms bigint;
BEGIN
  SELECT last_value INTO woken_ms FROM dashcache.woken;
  IF now_ms - woken_ms BETWEEN 0 AND ${WAKE_EVERY_MS - 1} THEN RETURN; END IF;
  PERFORM setval('dashcache.woken', now_ms);
  PERFORM pg_notify('dashcache', '');
END $$`,
  `CREATE OR REPLACE FUNCTION dashcache.trim() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM dashcache.readers WHERE reader IN (
    SELECT reader FROM dashcache.readers WHERE told_at < clock_timestamp() - interval '10 minutes' FOR UPDATE SKIP LOCKED);
  DELETE FROM dashcache.changes WHERE (xid, id) IN (
    SELECT c.xid, c.id FROM dashcache.changes c
    WHERE NOT EXISTS (SELECT FROM dashcache.readers r WHERE NOT pg_visible_in_snapshot(c.xid, r.snapshot))
    ORDER BY c.xid, c.id LIMIT 5000 FOR UPDATE SKIP LOCKED);
END $$`,
];

/** The function and the triggers of one declared table and its partitions. */
export function triggerSql(table: ShapeOfTable): string[] {
  const { root, watched, parts } = table;
  if (!root) return [];
  const name = functionName(root.name);
  return [
    functionSql(name, root.name, watched),
    `COMMENT ON FUNCTION ${name}() IS ${quoteLiteral(markOfTriggers(watched))}`,
    ...parts.flatMap((part) => triggersOn(relationName(part), name)),
  ];
}

/** Takes away what triggerSql made. */
export function dropTriggerSql({ root, parts }: ShapeOfTable): string[] {
  if (!root) return [];
  const drops = parts
    .filter(({ triggersCount }) => triggersCount > 0)
    .flatMap((part) =>
      EVENTS.map(({ event }) => `DROP TRIGGER IF EXISTS dashcache_${event} ON ${relationName(part)}`),
    );
  return [...drops, `DROP FUNCTION IF EXISTS ${functionName(root.name)}()`];
}

/** Says what the triggers were made for: those of other definitions would tell of wrong tenants. */
export function markOfTriggers({ tenantColumn, immutable }: WatchedTable): string {
  return `dashcache 1 ${JSON.stringify({ tenant_column: tenantColumn, immutable })}`;
}

const EVENTS = [
  { event: 'insert', referencing: 'REFERENCING NEW TABLE AS new_rows ' },
  { event: 'update', referencing: 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows ' },
  { event: 'delete', referencing: 'REFERENCING OLD TABLE AS old_rows ' },
  { event: 'truncate', referencing: '' },
] as const;

function triggersOn(relation: string, name: string): string[] {
  return EVENTS.flatMap(({ event, referencing }) => [
    `CREATE OR REPLACE TRIGGER dashcache_${event} AFTER ${event.toUpperCase()} ON ${relation}
  ${referencing}FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`,
    // Also where replicated rows are applied.
    `ALTER TABLE ${relation} ENABLE ALWAYS TRIGGER dashcache_${event}`,
  ]);
}

function functionName(table: string): string {
  return `dashcache.${quoteIdentifier(table)}`;
}

function functionSql(name: string, table: string, watched: WatchedTable): string {
  return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
  number bigint;
BEGIN
${touchedSql(watched)}
  INSERT INTO dashcache.changes (relation, tenants) VALUES (${quoteLiteral(table)}, touched) RETURNING id INTO number;
  PERFORM dashcache.wake();
  -- In a stricter transaction the rows of others could not be thrown away without failing it.
  IF number % ${TRIM_EVERY_ROWS} = 0 AND current_setting('transaction_isolation') = 'read committed' THEN
    PERFORM dashcache.trim();
  END IF;
  RETURN NULL;
END $$`;
}

/** Sets \`touched\`: NULL for all of the table; a statement that met no row ends here. */
function touchedSql({ tenantColumn, immutable }: WatchedTable): string {
  const branches = [
    ['INSERT', rowsOf(['new_rows'], tenantColumn)],
    ['UPDATE', rowsOf(immutable ? ['new_rows'] : ['old_rows', 'new_rows'], tenantColumn)],
    ['DELETE', rowsOf(['old_rows'], tenantColumn)],
  ].map(
    ([event, rows], index) => `  ${index === 0 ? 'IF' : 'ELSIF'} TG_OP = '${event}' THEN
${rows}`,
  );
  return `${branches.join('\n')}
  END IF;`;
}

function rowsOf(tables: readonly string[], tenantColumn: string | null): string {
  const [first = ''] = tables;
  const none = `    IF NOT EXISTS (SELECT FROM ${first}) THEN RETURN NULL; END IF;`;
  if (tenantColumn === null) return none;
  const column = quoteIdentifier(tenantColumn);
  const rows = tables.map((table) => `SELECT ${column}::text AS tenant FROM ${table}`).join(' UNION ');
  return `${none}
    SELECT CASE WHEN bool_or(tenant IS NULL) OR count(DISTINCT tenant) > ${TENANTS_MAX_COUNT} THEN NULL
      ELSE array_agg(DISTINCT tenant) END INTO touched FROM (${rows}) AS rows;`;
}
