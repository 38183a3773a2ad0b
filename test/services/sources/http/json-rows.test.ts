import fc from 'fast-check';
import t from 'tap';
import { jsonRows } from '../../../../services/sources/http/json-rows.js';
import { JsonText } from '../../../../services/sources/http/json-text.js';
import type { SourceResult } from '../../../../services/sources/source.js';

const LIMITS = { maxRowsCount: 100, maxBytes: 100_000 };
const rowsOf = (text: string, pointer: readonly string[] = []): SourceResult =>
  jsonRows(text, { pointer, gives: 'rows' }, LIMITS);
const rowOf = (text: string): SourceResult => jsonRows(text, { pointer: [], gives: 'row' }, LIMITS);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isRead(text: string): boolean {
  const json = new JsonText(text);
  try {
    json.skip();
    json.end();
    return true;
  } catch {
    return false;
  }
}

t.test('columns are the names in the order in which they appear; what a row lacks is null', (t) => {
  t.same(rowsOf('[{"b":1},{"a":"x","b":2},{"c":null},{}]'), {
    columns: [
      { name: 'b', type: 'integer' },
      { name: 'a', type: 'text' },
      { name: 'c', type: 'text' },
    ],
    rows: [
      [1, null, null],
      [2, 'x', null],
      [null, null, null],
      [null, null, null],
    ],
  });
  t.same(rowsOf(' [ ] '), { columns: [], rows: [] });
  t.end();
});

t.test('a column takes the type that fits all of its cells', (t) => {
  const typeOf = (...cells: string[]) => {
    const { columns, rows } = rowsOf(`[${cells.map((cell) => `{"v":${cell}}`).join(',')}]`);
    return [columns[0]?.type, ...rows.map(([cell]) => cell)];
  };
  t.same(typeOf('1', '9007199254740993', 'null'), ['integer', 1, 9_007_199_254_740_993n, null]);
  t.same(typeOf('1', '0.30'), ['decimal', '1', '0.30']);
  t.same(typeOf('1', '0.3', '2e1'), ['float', 1, 0.3, 20]);
  t.same(typeOf('1', '"n/a"', 'true', '9007199254740993', '1.50'), [
    'json',
    '1',
    '"n/a"',
    'true',
    '"9007199254740993"',
    '1.50',
  ]);
  t.same(typeOf('[1]', '"a\\"b"'), ['json', '[1]', '"a\\"b"']);
  t.same(typeOf('{"a":[9007199254740993,-9007199254740993,9007199254740991,1e20,"9007199254740993"]}'), [
    'json',
    '{"a":["9007199254740993","-9007199254740993",9007199254740991,1e20,"9007199254740993"]}',
  ]);
  t.end();
});

t.test(
  'a pointer leads through objects and lists, escapes included; of a name written twice the last counts',
  (t) => {
    t.same(rowsOf('{"a/b":[0,{"~":[{"v":1}]}]}', ['a/b', '1', '~']).rows, [[1]]);
    t.same(rowsOf('{"a":[{"v":1},{"v":2}],"a":[{"w":3}]}', ['a']), {
      columns: [{ name: 'w', type: 'integer' }],
      rows: [[3]],
    });
    t.same(rowsOf('[{"v":1,"v":2}]').rows, [[2]]);
    t.same(rowsOf('[{"__proto__":1,"constructor":2}]').rows, [[1, 2]]);
    for (const missing of ['{"b":[]}', '{"a":7}', '[[]]', '7'])
      t.throws(() => rowsOf(missing, ['a', 'b']), { code: 'source_wrong_answer', message: /`rows`/ });
    t.end();
  },
);

t.test('another shape than the panel needs is a wrong answer that says which', (t) => {
  t.throws(() => rowsOf('{}'), { message: /an array of objects .* an object/ });
  t.throws(() => rowsOf('null'), { message: /holds null/ });
  t.throws(() => rowsOf('[1]'), { message: /a number/ });
  t.throws(() => rowOf('[{}]'), { message: /one object .* an array/ });
  t.throws(() => rowOf('"x"'), { message: /a text/ });
  t.throws(() => rowOf('true'), { message: /a boolean/ });
  t.same(rowOf('null'), { columns: [], rows: [] });
  t.same(rowOf('{"a":1}').rows, [[1]]);
  t.end();
});

t.test('rows that share no names count as the table that they make', (t) => {
  const sparse = (count: number) =>
    `[${Array.from({ length: count }, (_, index) => `{"k${index}":1}`).join(',')}]`;
  t.equal(rowsOf(sparse(100)).columns.length, 100);
  const wide = `[${'{},'.repeat(99)}{${Array.from({ length: 2000 }, (_, index) => `"k${index}":1`).join(',')}}]`;
  t.throws(() => rowsOf(wide), { code: 'source_wrong_answer', message: /max_bytes/ });
  t.end();
});

t.test('depth is bounded: 64 levels are read, one more is refused, a million overflow nothing', (t) => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  t.ok(isRead(nested(64)));
  t.notOk(isRead(nested(65)));
  t.notOk(isRead('['.repeat(1_000_000)));
  t.notOk(isRead('{"a":'.repeat(1_000_000)));
  t.end();
});

t.test('long texts and numbers: read at length, and no number costs more than it is worth', (t) => {
  t.equal(rowOf(`{"v":"${'\\n'.repeat(1_000_000)}"}`).rows[0]?.[0], '\n'.repeat(1_000_000));
  t.throws(() => rowOf(`{"v":${'9'.repeat(100_000)}}`), { name: 'JsonFault', message: /too long/ });
  t.end();
});

t.test('exactly what JSON.parse takes is taken: any JSON, and any text made of its pieces', async () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => isRead(text)),
    { numRuns: 500 },
  );
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '""',
      '\\',
      '"\\u00e9"',
      '"\\x"',
      '\n',
      ' ',
      '\u0000',
      '\ufeff',
    ],
    ...[
      '0',
      '-',
      '1',
      '01',
      '.5',
      '1.',
      '1.5',
      'e1',
      'E+2',
      '1e',
      'true',
      'tru',
      'false',
      'null',
      'NaN',
      'é',
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 10 }), (parts) => {
      const text = parts.join('');
      return isRead(text) === isJson(text);
    }),
    { numRuns: 20_000 },
  );
});

t.test('cells mean what JSON.parse says', async () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.string(), value, (name, cell) => {
      const { columns, rows } = rowOf(JSON.stringify({ [name]: cell }));
      const found = rows[0]?.[0];
      const same = typeof cell === 'number' ? Number(found) === cell : found === cell;
      return same && columns[0]?.name === name;
    }),
    { numRuns: 500 },
  );
});
