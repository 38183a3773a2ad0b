import t from 'tap';
import {
  duckdbFault,
  isFatal,
  isOutage,
  isRefusal,
  queryError,
} from '../../../../services/sources/duckdb/duckdb-fault.js';

t.test('an error as JSON is read with its place', async (t) => {
  const error = new Error(
    'Parser Error: {"exception_type":"Parser","exception_message":"syntax error ","position":"13"}',
  );
  t.same(duckdbFault(error), { kind: 'Parser', message: 'syntax error', byteOffset: 13 });
  t.equal(duckdbFault(new Error('{"exception_type":"Binder","exception_message":"x"}')).byteOffset, null);
});

t.test('an error in words is read too, and anything else is of unknown kind', async (t) => {
  t.same(duckdbFault(new Error('IO Error: Cannot open file "x": y')), {
    kind: 'IO',
    message: 'Cannot open file "x": y',
    byteOffset: null,
  });
  t.same(duckdbFault('Broken: {"exception_type": oops'), {
    kind: 'Unknown',
    message: 'Broken: {"exception_type": oops',
    byteOffset: null,
  });
  t.same(duckdbFault('{"exception_type": oops').kind, 'Unknown');
});

t.test('the kind decides whose fault it is', async (t) => {
  const fault = (kind: string) => ({ kind, message: '/secret/path', byteOffset: null });
  t.ok(isRefusal(fault('Binder')) && !isRefusal(fault('Conversion')));
  t.ok(isFatal(fault('FATAL')) && isFatal(fault('Internal')) && !isFatal(fault('IO')));
  t.ok(isOutage(fault('IO')) && !isOutage(fault('Out of Range')));
  const cases = [
    ['Out of Memory', 'source_overloaded'],
    ['IO', 'source_down'],
    ['FATAL', 'source_down'],
    ['Catalog', 'source_wrong_answer'],
    ['Conversion', 'source_wrong_answer'],
    ['Unknown', 'source_wrong_answer'],
  ] as const;
  for (const [kind, code] of cases) {
    const error = queryError(fault(kind), new Error('cause'));
    t.equal(error.code, code, kind);
    t.notMatch(error.message, /secret/);
  }
});
