import t from 'tap';
import { postgresTrial } from './postgres-trial.js';
import { LEAKS, PROVED, UNSEEN } from './queries.js';
import { createTables, differential, unproved } from './trial.js';

const PROVED_HERE = [
  'SELECT * FROM a WHERE site = ANY (ARRAY[:t])',
  'SELECT * FROM a WHERE site = :t::int4',
  'SELECT * FROM a WHERE site::text = :t::text',
  'SELECT k FROM ONLY a WHERE a.site = :t',
  'SELECT * FROM public.a WHERE a.site = :t',
  'WITH RECURSIVE up AS (SELECT k FROM a WHERE a.site = :t UNION SELECT a.k - 1 FROM a JOIN up ON a.k = up.k WHERE a.site = :t) SELECT count(*) FROM up',
  'SELECT * FROM v WHERE v.site = :t',
];
const LEAKS_HERE = [
  'SELECT * FROM a WHERE site = ANY (ARRAY[:t, 2])',
  'SELECT * FROM a WHERE site = ALL (ARRAY[]::int8[]) OR site < :t',
  'SELECT * FROM a WHERE site::boolean = :t::int::boolean',
  'SELECT site IS NOT DISTINCT FROM :t, k FROM a',
  'SELECT * FROM a WHERE (site, k) > (:t, 1)',
];

t.test('PostgreSQL', async (t) => {
  const database = await postgresTrial(t);
  await createTables(database);

  await t.test('rows of other tenants change nothing that is proved', async (t) => {
    await database.run('CREATE VIEW v AS SELECT site, count(*) AS n FROM a GROUP BY site');
    await differential(t, database, {
      proved: [...PROVED, ...PROVED_HERE],
      leaks: [...LEAKS, ...LEAKS_HERE],
    });
  });

  await t.test('what cannot be seen is not proved', async (t) => {
    await database.run(
      'CREATE FUNCTION all_of_a() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM a $$',
    );
    await database.run('CREATE VIEW counted AS SELECT site, all_of_a() AS n FROM b');
    for (const sql of [
      ...UNSEEN,
      'SELECT * FROM a TABLESAMPLE SYSTEM (50) WHERE site = :t',
      "SELECT query_to_xml('SELECT * FROM a', true, true, '') IS NULL AS x, :t AS t",
      'WITH a AS (SELECT :t AS t) SELECT count(*) AS n FROM public.a',
      'SELECT all_of_a() AS n, :t AS t',
      'SELECT n FROM all_of_a() AS x(n) WHERE :t = :t',
      'SELECT count(*) AS n, :t AS t FROM pg_stat_activity',
      'SELECT * FROM a WHERE site OPERATOR(pg_catalog.=) :t',
      'SELECT x.k FROM (a JOIN b USING (site, k)) AS x WHERE x.site = :t',
    ])
      t.not((await unproved(database, sql)).length, 0, sql);
    t.same(
      await unproved(database, 'SELECT n FROM counted WHERE counted.site = :t'),
      [],
      'a view is its owner’s',
    );
  });

  await t.test('tables are named as written, with the place where they stand', async (t) => {
    t.same(await unproved(database, "SELECT 'é', x.k FROM public.a x, b WHERE b.site = :t"), [
      { table: 'public.a', alias: 'x', offset: 21 },
    ]);
  });
});
