const RELATION = `c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
  c.relpersistence = 't' AS "isTemporary", c.relrowsecurity AS "hasRowSecurity"`;

const RELATIONS = `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

const ROUTINE = `p.oid::text AS oid, p.proname AS name, n.nspname = 'pg_catalog' AND p.oid < 16384 AS "isBuiltIn",
  l.lanname AS language, p.provolatile = 'i' AS "isImmutable",
  CASE WHEN p.prokind <> 'a' AND l.lanname NOT IN ('internal', 'c') THEN pg_catalog.pg_get_functiondef(p.oid) END AS definition,
  coalesce((SELECT pg_catalog.array_agg(part::pg_catalog.oid::text)
    FROM pg_catalog.pg_aggregate a, LATERAL (VALUES (a.aggtransfn), (a.aggfinalfn), (a.aggcombinefn), (a.aggserialfn),
      (a.aggdeserialfn), (a.aggmtransfn), (a.aggminvtransfn), (a.aggmfinalfn)) AS parts (part)
    WHERE a.aggfnoid = p.oid AND part <> 0 AND p.oid >= 16384), '{}') AS parts,
  (SELECT pg_catalog.substr(setting, 13) FROM pg_catalog.unnest(p.proconfig) AS setting
    WHERE setting LIKE 'search_path=%') AS "searchPath",
  CASE WHEN p.prosecdef THEN pg_catalog.pg_get_userbyid(p.proowner) END AS "runsAs"`;

const ROUTINES = `pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang`;

/** Operators that a query uses without writing them: IN, USING, DISTINCT, ORDER BY. */
const IMPLIED_OPERATORS = `'{=,<>,<,>,<=,>=}'::text[]`;

const dependsOn = (catalogue: string, objects: string) =>
  `FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalogue}'::pg_catalog.regclass AND d.objid IN (${objects})`;

/** The ingredients of objects: relations other than their own, functions of people, texts. */
const ingredients = (catalogue: string, objects: string, own: string) => `
  (SELECT pg_catalog.json_agg(reached) FROM (SELECT DISTINCT ON (c.oid) ${RELATION} FROM ${RELATIONS} WHERE c.oid <> ${own}
    AND c.oid IN (SELECT d.refobjid ${dependsOn(catalogue, objects)} AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)) reached) AS relations,
  (SELECT pg_catalog.json_agg(DISTINCT d.refobjid::text) ${dependsOn(catalogue, objects)}
    AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass) AS "routineOids"`;

const VIEW_RULES = 'SELECT w.oid FROM pg_catalog.pg_rewrite w WHERE w.ev_class = $1::pg_catalog.oid';
const POLICIES = `SELECT y.oid FROM pg_catalog.pg_policy y WHERE y.polrelid = $1::pg_catalog.oid AND y.polcmd IN ('r', '*')`;

/** What Catalogue asks. Every name has its schema: the search path is the user's. */
export const CATALOGUE_SQL = {
  session: `SELECT pg_catalog.current_setting('server_version_num')::int AS "versionNumber",
    pg_catalog.current_schemas(true) AS path, pg_catalog.current_setting('search_path') AS "searchPath",
    current_user::text AS role`,

  relationsNamed: `SELECT DISTINCT ON (wanted.place) wanted.place::int AS place, ${RELATION}
    FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS wanted (schema, name, place)
    JOIN (${RELATIONS}) ON c.relname = wanted.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    LEFT JOIN pg_catalog.unnest($3::text[]) WITH ORDINALITY AS path (schema, rank) ON path.schema = n.nspname
    WHERE CASE WHEN wanted.schema IS NULL THEN path.rank IS NOT NULL ELSE n.nspname = wanted.schema END
    ORDER BY wanted.place, path.rank`,

  descendants: `WITH RECURSIVE reached (oid) AS (SELECT pg_catalog.unnest($1::pg_catalog.oid[])
      UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN reached ON i.inhparent = reached.oid)
    SELECT ${RELATION} FROM ${RELATIONS} WHERE c.oid IN (SELECT oid FROM reached) AND c.oid <> ALL ($1::pg_catalog.oid[])`,

  ancestors: `WITH RECURSIVE reached (oid) AS (SELECT pg_catalog.unnest($1::pg_catalog.oid[])
      UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN reached ON i.inhrelid = reached.oid)
    SELECT ${RELATION} FROM ${RELATIONS} WHERE c.oid IN (SELECT oid FROM reached) AND c.oid <> ALL ($1::pg_catalog.oid[])`,

  routinesNamed: `SELECT wanted.place::int AS place, ${ROUTINE}
    FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::int[]))
      WITH ORDINALITY AS wanted (schema, name, count, place)
    JOIN (${ROUTINES}) ON p.proname = wanted.name
      AND (p.provariadic <> 0 OR wanted.count BETWEEN p.pronargs - p.pronargdefaults AND p.pronargs)
    WHERE CASE WHEN wanted.schema IS NULL THEN n.nspname = ANY ($4::text[]) ELSE n.nspname = wanted.schema END`,

  routines: `SELECT NULL AS place, ${ROUTINE} FROM ${ROUTINES} WHERE p.oid = ANY ($1::pg_catalog.oid[])`,

  routinesImplied: `SELECT NULL AS place, ${ROUTINE} FROM ${ROUTINES}
    WHERE p.oid >= 16384 AND l.lanname NOT IN ('internal', 'c') AND (
      (p.proname = ANY ($1::text[]) AND p.pronargs >= 1 AND p.pronargs - p.pronargdefaults <= 1
        AND EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = p.proargtypes[0] AND t.typtype IN ('c', 'd', 'p')))
      OR p.oid IN (SELECT o.oprcode FROM pg_catalog.pg_operator o WHERE o.oprname = ANY ($2::text[] || ${IMPLIED_OPERATORS}))
      OR p.oid IN (SELECT k.castfunc FROM pg_catalog.pg_cast k)
      OR p.oid IN (SELECT d.refobjid ${dependsOn('pg_constraint', 'SELECT q.oid FROM pg_catalog.pg_constraint q WHERE q.contypid <> 0')}
        AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass))`,

  view: `SELECT pg_catalog.json_build_array(pg_catalog.pg_get_viewdef($1::pg_catalog.oid)) AS texts, 
    coalesce((SELECT c.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1,security_invoker=yes}'::text[]
      FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid), false) AS "isOwn",
    ${ingredients('pg_rewrite', VIEW_RULES, '$1::pg_catalog.oid')}`,

  policies: `SELECT (SELECT pg_catalog.json_agg('SELECT ' || pg_catalog.pg_get_expr(y.polqual, y.polrelid)) FROM pg_catalog.pg_policy y
      WHERE y.oid IN (${POLICIES}) AND y.polqual IS NOT NULL) AS texts,
    pg_catalog.row_security_active($1::pg_catalog.oid) AND (SELECT coalesce(pg_catalog.bool_and(y.polroles = '{0}'), true)
      FROM pg_catalog.pg_policy y WHERE y.oid IN (${POLICIES})) AS "isOwn",
    ${ingredients('pg_policy', POLICIES, '$1::pg_catalog.oid')}`,
};
