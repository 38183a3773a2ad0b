import t from 'tap';
import { namesIn } from '../../../../../services/sources/postgres/dependencies/names-in.js';
import { parseSql } from '../../../../../services/sources/postgres/dependencies/parser.js';
import { searchPath } from '../../../../../services/sources/postgres/dependencies/search-path.js';

async function relations(sql: string): Promise<string[]> {
  const names = namesIn(await parseSql(sql)).relations;
  return names.map(({ schemaName, name, withChildren }) =>
    [withChildren ? '' : 'ONLY ', schemaName === null ? '' : `${schemaName}.`, name].join(''),
  );
}

const CASES: readonly [sql: string, ...relations: string[]][] = [
  ['SELECT * FROM a, s.b, ONLY c', 'a', 's.b', 'ONLY c'],
  ['SELECT * FROM "A" JOIN "b c" USING (id)', 'A', 'b c'],
  ['WITH a AS (SELECT * FROM a) SELECT * FROM a', 'a'],
  ['WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a) SELECT * FROM a'],
  ['WITH a AS (SELECT 1) SELECT * FROM s.a', 's.a'],
  ['WITH b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM b, a', 'a'],
  ['WITH RECURSIVE b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM b, a'],
  ['SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a', 'a'],
  ['WITH a AS (SELECT 1) (SELECT * FROM a) UNION (SELECT * FROM b)', 'b'],
  ['SELECT * FROM a AS x FOR UPDATE OF x', 'a'],
  ['SELECT * FROM a WHERE id = ANY (SELECT id FROM b) ORDER BY (SELECT 1 FROM c)', 'a', 'b', 'c'],
];

t.test('tables are told from common table expressions and aliases', async (t) => {
  for (const [sql, ...expected] of CASES) t.same((await relations(sql)).sort(), [...expected].sort(), sql);
});

t.test('functions are told with the number of their arguments, members and operators by name', async (t) => {
  const names = namesIn(
    await parseSql(
      'SELECT s.f(1, 2), g(), count(*), t.m, (t).n.o FROM unnest(a, b) t WHERE x OPERATOR(s.===) y',
    ),
  );
  t.same(
    names.functions.map(({ schemaName, name, argumentsCount }) => [schemaName, name, argumentsCount]),
    [
      ['s', 'f', 2],
      [null, 'g', 0],
      [null, 'count', 0],
      [null, 'unnest', 1],
    ],
  );
  t.same([...names.members].sort(), ['m', 'n', 'o']);
  t.same(names.operators, ['===']);
});

t.test('given a function that is declared, it is not called', async (t) => {
  const tree = await parseSql("CREATE FUNCTION f(a int DEFAULT g(1)) RETURNS int LANGUAGE sql AS 'SELECT 1'");
  t.same(
    namesIn(tree).functions.map(({ name }) => name),
    ['g'],
  );
});

t.test('a search path is read as PostgreSQL does', (t) => {
  t.same(searchPath('"$user", Public', 'ada'), ['pg_catalog', 'ada', 'public']);
  t.same(searchPath('"My ""own""", pg_catalog', 'ada'), ['My "own"', 'pg_catalog']);
  t.same(searchPath('', 'ada'), ['pg_catalog']);
  t.end();
});
