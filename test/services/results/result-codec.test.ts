import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { decodeResult, encodeResult, RESULT_FORMAT } from '../../../services/results/result-codec.js';

/** As the cache does it: text, then its UTF-8 bytes. */
function stored(value: unknown): unknown {
  return decodeResult(Buffer.from(encodeResult(value, 'totals')));
}

t.test('what a function may give comes back equal, as a copy', (t) => {
  const anything = fc.anything({
    values: [
      fc.boolean(),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(null, undefined),
      // Two dates that are none are not equal to isDeepStrictEqual.
      fc.date({ noInvalidDate: true }),
    ],
    withBigInt: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withUnicodeString: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      const copy = stored(value);
      const isShared = typeof value === 'object' && value !== null && copy === value;
      return isDeepStrictEqual(copy, value) && !isShared;
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('values that JSON would lose are kept', (t) => {
  for (const value of [undefined, null, false, 0, -0, '', Number.NaN, 10n, '\ud800'])
    t.ok(isDeepStrictEqual(stored(value), value), String(value));
  t.ok(Number.isNaN((stored(new Date(Number.NaN)) as Date).getTime()), 'a date that is none');
  t.end();
});

t.test('binary values come back on bytes of their own', (t) => {
  const within = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
  const [bytes, floats, view, buffer, plain] = stored([
    within,
    new Float64Array([1.5]),
    new DataView(within.buffer, 1, 2),
    Buffer.from('text'),
    new ArrayBuffer(3),
  ]) as [Uint8Array, Float64Array, DataView, Buffer, ArrayBuffer];
  t.same([...new Uint8Array(bytes.buffer)], [1, 2, 3]);
  t.equal(floats.buffer.byteLength, 8);
  t.same([view.buffer.byteLength, view.getUint8(0)], [2, 1]);
  t.ok(Buffer.isBuffer(buffer));
  t.same([buffer.toString(), buffer.buffer.byteLength], ['text', 4]);
  t.equal(plain.byteLength, 3);
  t.end();
});

t.test('a value that contains itself comes back so', (t) => {
  const site: { name: string; self?: unknown } = { name: 'North' };
  site.self = site;
  const copy = stored(site) as typeof site;
  t.equal(copy.self, copy);
  t.equal(copy.name, 'North');
  t.end();
});

class Owner {
  readonly name = 'Ada';
}
class Owners extends Map<string, string> {}
class Bytes extends Uint8Array {}

const LOST: readonly (readonly [title: string, value: unknown, message: RegExp])[] = [
  ['a function', () => 1, /cannot be cached: it is a function/],
  ['a symbol', [Symbol('x')], /it\[0\] is a symbol/],
  ['an instance', { rows: [{}, { owner: new Owner() }] }, /it\.rows\[1\]\.owner is an instance of Owner/],
  ['an instance of a nameless class', new (class {})(), /it is an instance of a class/],
  ['a subclass of a builtin', new Owners(), /it is an instance of Owners/],
  ['a subclass of a typed array', new Bytes(1), /it is an instance of Bytes/],
  ['an instance as key of a Map', new Map([[new Owner(), 1]]), /a key of it is an instance of Owner/],
  ['an instance as value of a Map', new Map([[1, new Owner()]]), /a value of it is an instance of Owner/],
  ['an instance in a Set', { a: new Set([new Owner()]) }, /a value of it\.a is an instance of Owner/],
  ['an Error', { error: new Error('x') }, /it\.error is an instance of Error/],
  ['a Promise', [Promise.resolve()], /it\[0\] is an instance of Promise/],
  ['a RegExp', /x/g, /it is an instance of RegExp/],
  ['an object without a prototype', Object.create(null), /it is an object without a prototype/],
  ['a symbol among the keys', { [Symbol('x')]: 1 }, /it has a symbol among its keys/],
  ['a Date with members', Object.assign(new Date(), { zone: 'UTC' }), /it has members of its own/],
];

for (const [title, value, message] of LOST)
  t.test(`${title} would come back as something else: a TypeError that says where`, (t) => {
    t.throws(() => encodeResult(value, 'totals'), { name: 'TypeError', message });
    t.end();
  });

t.test('what another format wrote is not read as something else', (t) => {
  const text = encodeResult({ a: 1 }, 'totals');
  const newer = `${text[0]}${String.fromCharCode(200)}${text.slice(2)}`;
  t.throws(() => decodeResult(Buffer.from(newer)));
  t.throws(() => decodeResult(Buffer.from('nonsense')));
  t.throws(() => decodeResult(Buffer.alloc(0)));
  t.match(RESULT_FORMAT, /^\d+$/);
  t.end();
});
