import fc from 'fast-check';
import t from 'tap';
import { encodeParts, hashParts, type KeyPart, makeKey } from '../../services/cache/key.js';

const PAIRS_COUNT = 120_000;

/** Texts that encodings like to confuse: separators, type words, numbers in several spellings, lone surrogates, lookalikes. */
const TRAPS = [
  ...[
    '',
    'null',
    'undefined',
    '[]',
    '[',
    ']',
    ',',
    '"',
    's',
    'n',
    'l',
    '0',
    '1',
    '01',
    '1.0',
    '1e0',
    '-0',
    ' 1',
  ],
  ...[
    '\u0000',
    '\u0001',
    '\u00000',
    '\ud800',
    '\udc00',
    '\ud801',
    '\ufffd',
    '\ud83d\ude00',
    '\u00e9',
    'e\u0301',
  ],
  ...['s\u0000\u0000\u0000\u0002', 'n\u0000\u0000\u0000\u0000', 'l\u0000\u0000\u0000\u0001'],
];

const text = fc.oneof(fc.constantFrom(...TRAPS), fc.string({ unit: 'binary', maxLength: 4 }));
const { parts } = fc.letrec<{ part: KeyPart; parts: KeyPart[] }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 5, arbitrary: text },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: tie('parts') },
  ),
  parts: fc.array(tie('part'), { maxLength: 4 }),
}));

type Change = (list: readonly KeyPart[], at: number) => readonly KeyPart[];

/** Ways from one list to another that is easily taken for it, or is it. */
const CHANGES: Record<string, Change> = {
  copy: (list) => structuredClone(list),
  'moved boundary': (list, at) => {
    const [a, b] = [list[at], list[at + 1]];
    if (typeof a !== 'string' || typeof b !== 'string') return list.toSpliced(at, 0, '');
    const all = a + b;
    const cut = Math.max(0, a.length - 1);
    return list.toSpliced(at, 2, all.slice(0, cut), all.slice(cut));
  },
  joined: (list, at) => {
    const [a, b] = [list[at], list[at + 1]];
    return typeof a === 'string' && typeof b === 'string' ? list.toSpliced(at, 2, a + b) : [list];
  },
  'null for "null"': (list, at) => list.toSpliced(at, 1, list[at] === null ? 'null' : null),
  'empty for nothing': (list, at) => list.toSpliced(at, 1, list[at] === '' ? [] : ''),
  nested: (list, at) => list.toSpliced(at, 1, [list[at] ?? null]),
  flattened: (list, at) => list.toSpliced(at, 1, ...[list[at] ?? null].flat(1)),
  'regrouped lists': (list, at) => [list.slice(0, at), list.slice(at)],
  'another surrogate': (list, at) => list.toSpliced(at, 1, list[at] === '\ud800' ? '\ud801' : '\ud800'),
  'replaced surrogate': (list, at) =>
    list.map((part, i) =>
      i === at && typeof part === 'string' ? part.replace(/\p{Surrogate}/gu, '\ufffd') : part,
    ),
  'number text': (list, at) => list.toSpliced(at, 1, list[at] === '1' ? '1.0' : '1'),
  'other order': (list) => list.toReversed(),
  'one more': (list) => [...list, null],
};

t.test('given pairs of part lists, their encodings are equal exactly when the lists are', async (t) => {
  const seen = { equal: 0, different: 0 };
  const pairs = fc.record({
    list: parts,
    at: fc.nat({ max: 3 }),
    change: fc.constantFrom(...Object.values(CHANGES), null),
    other: parts,
  });
  fc.assert(
    fc.property(pairs, ({ list, at, change, other: unrelated }) => {
      const other = change ? change(list, at) : unrelated;
      // JSON tells text, nothing and lists apart and escapes lone surrogates: an oracle that shares no code with the key.
      const alike = JSON.stringify(list) === JSON.stringify(other);
      seen[alike ? 'equal' : 'different']++;
      return encodeParts(list).equals(encodeParts(other)) === alike;
    }),
    { numRuns: PAIRS_COUNT },
  );
  t.equal(seen.equal + seen.different, PAIRS_COUNT);
  t.ok(seen.equal > PAIRS_COUNT / 20, `both outcomes were met often: ${seen.equal} equal pairs`);
  t.ok(seen.different > PAIRS_COUNT / 2, `${seen.different} different pairs`);
});

t.test('given two tenants, no list of parts has one key under both', async (t) => {
  const tenant = fc.oneof(fc.constant(null), text);
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(tenant, tenant, parts, (a, b, list) => {
        const [one, other] = [makeKey(a, list), makeKey(b, list)];
        return (one.hash === other.hash) === (a === b) && (one.tenantHash === other.tenantHash) === (a === b);
      }),
      { numRuns: 20_000 },
    ),
  );
});

t.test('given a tenant and parts, the tenant can not be imitated by moving it into the parts', async (t) => {
  t.not(makeKey('7', ['a']).hash, makeKey(null, ['7', 'a']).hash);
  t.not(makeKey('7', ['a']).hash, makeKey(null, ['7', ['a']]).hash);
  t.not(makeKey('7', ['a']).hash, makeKey('7a', []).hash);
  t.not(makeKey(null, []).hash, makeKey('', []).hash);
  t.not(makeKey(null, []).hash, makeKey('null', []).hash);
});

t.test('given any parts, the hash is 24 bytes of base64url', async (t) => {
  t.match(hashParts(['a']), /^[\w-]{32}$/);
  t.match(makeKey('t', []).tenantHash, /^[\w-]{32}$/);
});
