/** What lookAtPostgres asks: catalogues and views that every role may read. */
export const POSTGRES_SQL = {
  session: `SELECT current_setting('server_version_num')::int AS version, current_user::text AS role,
    r.rolsuper AS is_superuser, r.rolbypassrls AS bypasses_rls,
    (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout') AS statement_ms,
    current_setting('TimeZone') AS timezone,
    current_setting('max_connections')::int AS max_connections,
    (SELECT count(*)::int FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS used_connections,
    current_setting('max_replication_slots')::int AS max_slots,
    (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms
    FROM pg_roles r WHERE r.rolname = current_user`,

  writable: `SELECT name FROM (
      SELECT 'table ' || c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dashcache')
        AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
      UNION ALL
      SELECT 'schema ' || n.nspname FROM pg_namespace n
      WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'CREATE')
    ) AS changed ORDER BY name LIMIT 50`,

  slots: `SELECT slot_name AS name, active AS is_active, coalesce(pg_wal_lsn_diff(
      CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)::float8
      AS retained_bytes FROM pg_replication_slots ORDER BY slot_name`,

  tables: `SELECT wanted.name, c.reltuples::float8 AS rows, pg_relation_size(c.oid)::float8 AS bytes,
      c.relrowsecurity AS has_row_security,
      NOT c.relforcerowsecurity AND pg_has_role(c.relowner, 'USAGE') AS is_free_to_owner,
      (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL))), '[]')
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
      (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))::float8 AS changes,
      extract(epoch FROM now() - coalesce((SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
        pg_postmaster_start_time()))::float8 AS counted_seconds
    FROM unnest($1::text[], $2::text[]) AS wanted (name, quoted) JOIN pg_class c ON c.oid = to_regclass(wanted.quoted)`,

  /** Partitions are scanned by their own names. */
  largeTables: `SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name, c.reltuples::float8 AS rows
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.reltuples >= 10000 ORDER BY c.reltuples DESC LIMIT 1000`,
} as const;
