import fc from 'fast-check';
import t from 'tap';
import type { Statement } from '../../../../services/definitions/model.js';
import { duckdbText, duckdbTextWithNulls } from '../../../../services/sources/duckdb/statement-text.js';

function statementOf(segments: readonly string[], names: readonly string[]): Statement {
  const text = segments
    .map((segment, index) => segment + (index < names.length ? `:${names[index]}` : ''))
    .join('');
  return { text, segments, names };
}

t.test('a name bound twice is one parameter, and every place has its type', async (t) => {
  const statement = statementOf(['SELECT ', ' + ', ' < ', ''], ['a', 'b', 'a']);
  const text = duckdbText(statement, (name) => (name === 'a' ? 'integer' : 'timestamp'));
  t.equal(text.sql, 'SELECT (CAST($1 AS BIGINT)) + (CAST($2 AS TIMESTAMP)) < (CAST($1 AS BIGINT))');
  t.same(text.names, ['a', 'b']);
  t.equal(
    duckdbTextWithNulls(statement, () => 'string').sql,
    'SELECT (CAST(NULL AS VARCHAR)) + (CAST(NULL AS VARCHAR)) < (CAST(NULL AS VARCHAR))',
  );
});

t.test(
  'a byte of what was sent is found again in what was written, placeholders at their colon',
  async (t) => {
    const segment = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '😀', '漢') });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const names = segments.slice(1).map((_segment, index) => `p${index % 2}`);
        const statement = statementOf(segments, names);
        const text = duckdbText(statement, () => 'integer');
        let sqlAt = 0;
        let textAt = 0;
        for (const [index, written] of segments.entries()) {
          for (const character of written) {
            const byteOffset = Buffer.byteLength(text.sql.slice(0, sqlAt));
            if (text.offsetOf(byteOffset) !== textAt) return false;
            sqlAt += character.length;
            textAt += character.length;
          }
          const name = names[index];
          if (name === undefined) continue;
          const placeholder = `(CAST($${name === 'p0' ? 1 : 2} AS BIGINT))`;
          for (let inside = 0; inside < placeholder.length; inside++) {
            const byteOffset = Buffer.byteLength(text.sql.slice(0, sqlAt + inside));
            if (text.offsetOf(byteOffset) !== textAt) return false;
          }
          sqlAt += placeholder.length;
          textAt += name.length + 1;
        }
        return text.offsetOf(Buffer.byteLength(text.sql)) <= statement.text.length;
      }),
      { numRuns: 2000 },
    );
    t.pass('held');
  },
);
