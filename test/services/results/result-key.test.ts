import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { hashParts } from '../../../services/cache/key.js';
import { argumentsKey, checkedKey, keptArguments } from '../../../services/results/result-key.js';

const keyOf = (...args: unknown[]) => hashParts(argumentsKey(args, 'totals'));

/** Arguments that make a key, small so that equal ones come up. */
const argument = fc.letrec<{ leaf: unknown; tree: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(null, undefined, true, false, 0, -0, 1, 1n, Number.NaN, Number.POSITIVE_INFINITY),
    fc.constantFrom('', '0', '1', 'null', 'undefined', 'NaN', 'object', 'number', '\ud800', '\udfff'),
    fc.constantFrom(0, 1).map((ms) => new Date(ms)),
    fc.string({ maxLength: 2 }),
    fc.double(),
    fc.bigInt(),
  ),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__', '0', ''), tie('tree'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).tree;
const callArguments = fc.array(argument, { maxLength: 3 });

function withoutTrailing(args: readonly unknown[]): unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

/** The same value with the members of its objects in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, held]) => [name, turned(held)]));
}

t.test('two calls have one key exactly when their arguments are equal', (t) => {
  let equalCount = 0;
  fc.assert(
    fc.property(callArguments, callArguments, (a, b) => {
      const isEqual = isDeepStrictEqual(withoutTrailing(a), withoutTrailing(b));
      if (isEqual) equalCount++;
      return (keyOf(...a) === keyOf(...b)) === isEqual;
    }),
    { numRuns: 3000 },
  );
  t.ok(equalCount > 20, `both sides were tried: ${equalCount} equal pairs`);
  t.end();
});

t.test('a copy and another order of members have the same key', (t) => {
  fc.assert(
    fc.property(callArguments, (args) => {
      const key = keyOf(...args);
      return keyOf(...keptArguments(args)) === key && keyOf(...args.map(turned)) === key;
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('values that look alike have keys of their own', (t) => {
  const alike = [
    [1],
    ['1'],
    [1n],
    [true],
    ['true'],
    [null],
    ['null'],
    [undefined, 0],
    ['undefined', 0],
    [0],
    [-0],
    [[]],
    [{}],
    [['a', 'b']],
    ['a', 'b'],
    [{ a: 'b' }],
    [{ a: undefined }],
    [new Date(0)],
    [new Date(Number.NaN)],
    [Number.NaN],
    [new Array(1)],
    [[undefined]],
    [['number', '1']],
    [['date', '0']],
  ];
  t.equal(new Set(alike.map((args) => keyOf(...args))).size, alike.length);
  t.end();
});

t.test('undefined at the end is as if left out', (t) => {
  t.equal(keyOf(7, undefined), keyOf(7));
  t.equal(keyOf(undefined), keyOf());
  t.not(keyOf(undefined, 7), keyOf(7));
  t.end();
});

t.test('dates that are none are alike', (t) => {
  t.equal(keyOf(new Date(Number.NaN)), keyOf(new Date('nonsense')));
  t.end();
});

t.test('an object without a prototype is plain', (t) => {
  t.equal(keyOf(Object.assign(Object.create(null), { a: 1 })), keyOf({ a: 1 }));
  t.end();
});

class Site {}
class Sites extends Array<number> {}
class Day extends Date {}
const cycle: { self?: unknown } = {};
cycle.self = cycle;
const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1);

const REFUSED: readonly (readonly [title: string, args: readonly unknown[], message: RegExp])[] = [
  ['a function', [() => 1], /^args\[0\] of totals is a function/],
  ['a symbol', [1, Symbol('x')], /^args\[1\] of totals is a symbol/],
  ['an instance', [1, { filter: [new Site()] }], /^args\[1\]\.filter\[0\] of totals is an instance of Site/],
  ['a Map', [new Map()], /is an instance of Map/],
  ['a Set', [new Set()], /is an instance of Set/],
  ['a Buffer', [Buffer.from('x')], /is an instance of Buffer/],
  ['a RegExp', [/x/], /is an instance of RegExp/],
  ['a subclass of Array', [new Sites()], /is an instance of Sites/],
  ['a subclass of Date', [new Day()], /is an instance of Day/],
  ['a Date with members', [Object.assign(new Date(), { a: 1 })], /is an instance of Date/],
  ['an instance of a nameless class', [new (class {})()], /is an instance of a class/],
  ['a cycle', [cycle], /^args\[0\]\.self of totals contains itself/],
  ['a very deep value', [deep], /nested deeper than 100 levels/],
  ['a symbol among the keys', [{ [Symbol('x')]: 1 }], /has a symbol among its keys/],
  ['an array with members', [Object.assign([1], { a: 1 })], /members beside its items/],
  ['an array with holes and members', [Object.assign(new Array(2), { a: 1 })], /members beside its items/],
];

for (const [title, args, message] of REFUSED)
  t.test(`${title} makes no key: a TypeError that says where, and offers "key"`, (t) => {
    t.throws(() => keyOf(...args), { name: 'TypeError', message });
    t.throws(() => keyOf(...args), { message: /give cacheResult a "key"/ });
    t.end();
  });

t.test('the arguments kept for the run do not follow what the caller changes', (t) => {
  const filter = { site: 7, days: [new Date(0)] };
  const [kept] = keptArguments([filter]);
  filter.site = 8;
  filter.days.pop();
  t.same(kept, { site: 7, days: [new Date(0)] });
  t.end();
});

t.test('a key of text, null and lists is taken, anything else refused', (t) => {
  for (const key of ['', null, [], ['a', [null, 'b']]]) t.same(checkedKey(key, 'totals'), key);
  for (const key of [7, undefined, {}, ['a', [7]], Promise.resolve('a')])
    t.throws(() => checkedKey(key, 'totals'), {
      name: 'TypeError',
      message: /"key" of totals must give text/,
    });
  t.end();
});
