import fc from 'fast-check';
import t from 'tap';
import { parseStatement, placeholderOffsets } from '../../../services/definitions/statement.js';
import { StatementFault } from '../../../services/definitions/statement-tokens.js';

const namesIn = (sql: string) => parseStatement(sql).names;

t.test('placeholders stand outside of texts, quoted names and comments', async (t) => {
  const cases: [string, string[]][] = [
    ['SELECT :a, :b_2, :a', ['a', 'b_2', 'a']],
    ["SELECT ':a', 'it''s :b', :c", ['c']],
    ['SELECT ":a", "x"":b", :c', ['c']],
    ["SELECT E'\\':a', e'\\\\', :b", ['b']],
    ["SELECT name'\\', :a", ['a']],
    ['SELECT 1 -- :a\n, :b', ['b']],
    ['SELECT 1 -- :a\r\n, :b', ['b']],
    ['SELECT /* :a /* :b */ :c */ :d', ['d']],
    ['SELECT $$ :a $$, $x$ :b $$ :c $x$, :d', ['d']],
    ['SELECT a$b$ FROM t WHERE c = :d', ['d']],
    ['SELECT x::int, :a::text, y :: date', ['a']],
    ['SELECT list[1:2], list[:3], list[low:high], list[f(1):n]', []],
    ['SELECT list[:from_here], ARRAY[:a, :b]', ['from_here', 'a', 'b']],
    ["SELECT {'k':v, 'm': :a, n:1e5}", ['a']],
    ['SELECT :7d, :_1, :_', ['7d', '_1', '_']],
    ['SELECT :größe', ['größe']],
    ['SELECT 1.5e3, .5, 1_000, a := 1', []],
    ['SELECT 1 $ 2', []],
  ];
  for (const [sql, names] of cases) t.same(namesIn(sql), names, sql);
});

t.test('the pieces and the names give the text again', async (t) => {
  const { text, segments, names } = parseStatement('SELECT :a + :b FROM t;');
  t.equal(text, 'SELECT :a + :b FROM t');
  t.same(segments, ['SELECT ', ' + ', ' FROM t']);
  t.same(names, ['a', 'b']);
  t.same(placeholderOffsets({ text, segments, names }), [7, 12]);
});

t.test('a semicolon at the end, and what follows without being a statement, is dropped', async (t) => {
  for (const sql of [
    'SELECT 1;',
    'SELECT 1 ; ; -- done',
    'SELECT 1\n',
    'SELECT 1 -- done',
    'SELECT 1 /* x */;',
  ])
    t.equal(parseStatement(sql).text, 'SELECT 1', sql);
});

t.test('what is no single SELECT is refused at its place', async (t) => {
  const cases: [string, number, RegExp][] = [
    ['', 0, /empty/],
    ['-- nothing', 0, /empty/],
    [';', 0, /empty/],
    ['SELECT 1; SELECT 2', 10, /second statement/],
    ['INSERT INTO t VALUES (1)', 0, /begins with INSERT/],
    ['  drop TABLE t', 2, /begins with drop/],
    ['FROM t', 0, /begins with FROM/],
    ['VALUES (1)', 0, /begins with VALUES/],
    ['"select" 1', 0, /must be a SELECT/],
    ['WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a', 11, /has DELETE/],
    ['WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a', 21, /has INSERT/],
    ['WITH a AS (UPDATE t SET b = 1 RETURNING *) SELECT 1', 11, /has UPDATE/],
    ['WITH a AS (SELECT 1) UPDATE "t" SET b = 1', 21, /has UPDATE/],
    ['WITH a AS (SELECT 1) MERGE INTO t USING a ON true', 21, /has MERGE/],
    ['SELECT a INTO b FROM c', 9, /INTO/],
    ["SELECT 'abc", 7, /never ends/],
    ["SELECT E'abc\\'", 8, /never ends/],
    ['SELECT "abc', 7, /never ends/],
    ['SELECT /* /* */', 7, /never ends/],
    ['SELECT $a$ b $b$', 7, /never ends/],
    ['SELECT $1', 7, /not how parameters/],
    ['SELECT $name', 7, /not how parameters/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how definitions name variables.
    ['SELECT ${NAME}', 7, /not filled in/],
  ];
  for (const [sql, offset, message] of cases) {
    try {
      parseStatement(sql);
      t.fail(`${sql} was accepted`);
    } catch (error) {
      if (!(error instanceof StatementFault)) throw error;
      t.match(error.message, message, sql);
      t.equal(error.offset, offset, `${sql}: the place`);
    }
  }
});

t.test('words that only look like a change of data are names', async (t) => {
  for (const sql of [
    'SELECT t.into, a AS into, "into" FROM t',
    'SELECT update, (delete), insert(a, b) FROM t',
    'SELECT (update + 1) FROM t',
    '((SELECT 1) UNION (SELECT 2))',
    'with recursive a as (select 1) select * from a',
  ])
    t.ok(parseStatement(sql), sql);
});

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
const inside = fc.array(
  fc.oneof(
    word,
    word.map((name) => `:${name}`),
    fc.constantFrom(' ', '\n', '--', '/', ';', '$', '::', '['),
  ),
  { maxLength: 5 },
);
const hidden = inside.map((parts) => parts.join(''));
const piece = fc.oneof(
  word.map((name) => ({ sql: `:${name}`, names: [name] })),
  word.map((name) => ({ sql: name, names: [] })),
  word.map((name) => ({ sql: `x::${name}`, names: [] })),
  hidden.map((text) => ({ sql: `'${text}'''`, names: [] })),
  hidden.map((text) => ({ sql: `E'\\'${text}'`, names: [] })),
  hidden.map((text) => ({ sql: `"${text}"`, names: [] })),
  hidden.map((text) => ({ sql: `-- ${text.replaceAll('\n', ' ')}\n`, names: [] })),
  hidden.map((text) => ({ sql: `/* ${text} /* ' */ " */`, names: [] })),
  fc
    .tuple(hidden, word)
    .map(([text, tag]) => ({ sql: `$q${tag}$${text.replaceAll('$', '')}$q${tag}$`, names: [] })),
  fc.nat(99).map((n) => ({ sql: `list[${n}:${n + 1}]`, names: [] })),
  fc.constantFrom(',', '+', '=', '(', ')', '1', '2.5', ' ').map((sql) => ({ sql, names: [] })),
);

t.test('random SQL is cut exactly at the placeholders outside of literals', async () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const sql = `SELECT ${pieces.map((each) => each.sql).join(' ')} FROM t`;
      const statement = parseStatement(sql);
      const names = pieces.flatMap((each): string[] => each.names);
      const again = statement.segments
        .map((segment, index) => segment + (index < names.length ? `:${names[index]}` : ''))
        .join('');
      return JSON.stringify(statement.names) === JSON.stringify(names) && again === sql;
    }),
    { numRuns: 3000 },
  );
});
