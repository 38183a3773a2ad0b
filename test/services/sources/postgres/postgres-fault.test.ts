import pg from 'pg';
import t from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import { postgresError, rejectionOf } from '../../../../services/sources/postgres/postgres-fault.js';
import { postgresText } from '../../../../services/sources/postgres/postgres-text.js';

function told(code: string, more: Partial<pg.DatabaseError> = {}): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('secret', 6, 'error'), { code, ...more });
}

t.test('what the server says becomes one of our errors, and none of its words', async (t) => {
  const cases: readonly [code: string, ours: string][] = [
    ['08006', 'source_down'],
    ['28P01', 'source_down'],
    ['3D000', 'source_down'],
    ['53300', 'source_down'],
    ['57P01', 'source_down'],
    ['57P03', 'source_down'],
    ['58030', 'source_down'],
    ['53200', 'source_overloaded'],
    ['40P01', 'source_overloaded'],
    ['40001', 'source_overloaded'],
    ['57014', 'source_overloaded'],
    ['22012', 'source_wrong_answer'],
    ['25006', 'source_wrong_answer'],
    ['42501', 'source_wrong_answer'],
    ['42P01', 'source_wrong_answer'],
    ['XX000', 'source_wrong_answer'],
  ];
  for (const [code, ours] of cases) {
    const error = postgresError(told(code), { isLate: false });
    t.equal(error.code, ours, code);
    t.notMatch(error.message, /secret/);
    t.match(String(error.cause), /secret/);
  }
  t.equal(postgresError(told('57014'), { isLate: true }).code, 'source_deadline');
  t.equal(postgresError(new Error('ECONNRESET'), { isLate: false }).code, 'source_down');
});

t.test('a refusal has its place in what was written, and the hint below', async (t) => {
  const text = postgresText(parseStatement("SELECT '😀', :a + nope"), () => 'integer');
  const positionOf = (word: string) => String([...text.sql.slice(0, text.sql.indexOf(word))].length + 1);
  const rejected = rejectionOf(told('42703', { position: positionOf('nope'), hint: 'Perhaps x.' }), text);
  t.match(rejected, { message: 'secret\nPerhaps x.', offset: 18 });
  t.equal(rejectionOf(told('42883', { position: positionOf('bigint') }), text)?.offset, 13, 'the colon');
  t.equal(rejectionOf(told('42703'), text)?.offset, null);
  t.equal(rejectionOf(told('57P01'), text), null);
  t.equal(rejectionOf(new Error('ECONNRESET'), text), null);
});
