import fc from 'fast-check';
import t from 'tap';
import { readQueryString } from '../../../services/definitions/query-string.js';

const valuesOf = (raw: string) => Object.fromEntries(readQueryString(raw).values);

t.test('names and values are decoded', async (t) => {
  const cases: [string, Record<string, string>][] = [
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['&a=1&&', { a: '1' }],
    ['a=1%2F2', { a: '1/2' }],
    ['a=x+y%2By', { a: 'x y+y' }],
    ['%61=%C3%A4', { a: 'ä' }],
    ['a=%F0%9F%98%80', { a: '😀' }],
    ['a=b=c', { a: 'b=c' }],
    ['a', { a: '' }],
  ];
  for (const [raw, values] of cases) {
    t.same(valuesOf(raw), values, raw);
    t.same(readQueryString(raw).faults, [], `${raw}: no fault`);
  }
  t.equal(
    readQueryString('__proto__=1').values.get('__proto__'),
    '1',
    'a strange name is a name like any other',
  );
});

t.test(
  'what cannot be read, or could be read in two ways, is a fault that names its parameter',
  async (t) => {
    const cases: [string, string | undefined, RegExp][] = [
      ['a=%', 'a', /UTF-8/],
      ['a=%zz', 'a', /UTF-8/],
      ['a=%ff', 'a', /UTF-8/],
      ['a=%C3', 'a', /UTF-8/],
      ['a=%C0%80', 'a', /UTF-8/],
      ['a=%ED%A0%80', 'a', /UTF-8/],
      ['a=%00', 'a', /UTF-8/],
      ['a=ä', 'a', /UTF-8/],
      ['a= ', 'a', /UTF-8/],
      ['a=1&a=2', 'a', /more than once/],
      ['a=1&%61=1&a=3', 'a', /more than once/],
      ['=1', '', /cannot be read/],
      ['%ff=1', '%ff', /cannot be read/],
    ];
    for (const [raw, parameter, detail] of cases) {
      const { faults } = readQueryString(raw);
      t.equal(faults.length, 1, `${raw}: one fault`);
      t.equal(faults[0]?.parameter, parameter, `${raw}: its name`);
      t.match(faults[0]?.detail, detail, raw);
    }
  },
);

t.test('more values than any dashboard has parameters are refused as a whole', async (t) => {
  const { values, faults } = readQueryString(
    Array.from({ length: 201 }, (_, index) => `a${index}=1`).join('&'),
  );
  t.equal(values.size, 0);
  t.match(faults, [{ detail: /201 values/ }]);
});

t.test('what was encoded is read again, and nothing ever throws', async () => {
  const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, name), { selector: ([key]) => key, maxLength: 8 }), (pairs) => {
      const raw = new URLSearchParams(pairs).toString();
      const { values, faults } = readQueryString(raw);
      return faults.length === 0 && JSON.stringify([...values]) === JSON.stringify(pairs);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (raw) => Boolean(readQueryString(raw))),
    { numRuns: 2000 },
  );
});
