import fc from 'fast-check';
import t from 'tap';
import { isMap, isScalar, Scalar, stringify } from 'yaml';
import type { Place } from '../../../services/definitions/model.js';
import { placeInStatement, spotOfPart, statementTextSpot } from '../../../services/definitions/origins.js';
import { parseStatement } from '../../../services/definitions/statement.js';
import { YamlFile } from '../../../services/definitions/yaml-file.js';
import { definitionsOf } from './some-definitions.js';

/** The place of `needle` inside the value of `query`, and the text that stands in the file there. */
function find(yaml: string, needle: string): { place: Place; there: string } {
  const file = new YamlFile({ name: 'x.yaml', folder: '/', text: yaml });
  const { contents } = file.document;
  const node = isMap(contents) ? contents.get('query', true) : null;
  if (!isScalar(node)) throw new Error('There is no query');
  const { place } = statementTextSpot({ file, node }, String(node.value).indexOf(needle), 1);
  const lines = yaml.split(/\r?\n/).slice(place.line - 1);
  // A double-quoted scalar may break a line inside a word, with a backslash before the break.
  return {
    place,
    there: lines
      .join('\n')
      .slice(place.column - 1)
      .replace(/\\\n[ \t]*/g, ''),
  };
}

t.test('an offset in a statement is found in its file, however YAML wrote it', async (t) => {
  const cases: [string, string, number, number][] = [
    ['query: SELECT a FROM b', 'FROM', 1, 17],
    ['query:   SELECT a\n  FROM b', 'FROM', 2, 3],
    ["query: 'SELECT ''it'' FROM b'", 'FROM', 1, 23],
    ['query: "SELECT \\"it\\"\\n\\tFROM b"', 'FROM', 1, 26],
    ['query: "SELECT \\u0041\\x42\\U00000043 FROM b"', 'FROM', 1, 37],
    ['query: "SELECT \\U0001F600 FROM b"', 'FROM', 1, 27],
    ['query: "SELECT a \\\n    FROM b"', 'FROM', 2, 5],
    ['query: "SELECT a\n    FROM b"', 'FROM', 2, 5],
    ['query: |\n    SELECT a\n      FROM b\n', 'FROM', 3, 7],
    ['query: |- # why\n    SELECT a\n\n    FROM b', 'FROM', 4, 5],
    ['query: |2\n    SELECT a\n  FROM b', 'FROM', 3, 3],
    ['query: >\n    SELECT a\n    FROM b\n', 'FROM', 3, 5],
    ['query: >-\n  SELECT a\n\n    indented\n  FROM b\n', 'FROM', 5, 3],
    ['query: |\r\n    SELECT a\r\n    FROM b\r\n', 'FROM', 3, 5],
    ['query: &x |\n    SELECT a\n    FROM b\n', 'FROM', 3, 5],
  ];
  for (const [yaml, needle, line, column] of cases) {
    const { place, there } = find(yaml, needle);
    t.same([place.line, place.column], [line, column], JSON.stringify(yaml));
    t.ok(there.startsWith(needle), `${JSON.stringify(yaml)}: it stands there`);
  }
});

t.test('random texts in random styles are found at their places', async () => {
  const styles = [
    Scalar.PLAIN,
    Scalar.QUOTE_SINGLE,
    Scalar.QUOTE_DOUBLE,
    Scalar.BLOCK_LITERAL,
    Scalar.BLOCK_FOLDED,
  ] as const;
  const texts = fc.array(fc.stringMatching(/^[a-zA-Z0-9:,.()='"\\ ]{1,30}$/), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom(...styles),
      fc.integer({ min: 20, max: 90 }),
      (lines, style, lineWidth) => {
        const value = `MARK1 ${lines.map((line, index) => `${line} MARK${index + 2}`).join('\n')}`;
        const scalar = new Scalar(value);
        scalar.type = style;
        const yaml = stringify({ query: scalar }, { lineWidth });
        return lines.every((_, index) => find(yaml, `MARK${index + 2}`).there.startsWith(`MARK${index + 2}`));
      },
    ),
    { numRuns: 1500 },
  );
});

t.test('a statement of a loaded dashboard knows its file, one made by hand knows none', async (t) => {
  const { dashboards } = await definitionsOf({
    'a.yaml': 'id: a\nsource: main\nmetrics:\n  query: |\n    SELECT 1 AS one\n    FROM t\n',
  });
  const panel = dashboards.get('a')?.panels.get('metrics');
  const statement = panel?.queries[0]?.statement;
  if (!panel || !statement) return t.fail('the panel was not loaded');
  const place = placeInStatement(statement, statement.text.indexOf('FROM'));
  t.match(place, { line: 6, column: 5 });
  t.match(place?.file, /a\.yaml$/);
  t.match(spotOfPart(panel), { place: { line: 3 } });
  t.equal(placeInStatement(parseStatement('SELECT 1'), 3), null);
  t.equal(spotOfPart({}), null);
});
