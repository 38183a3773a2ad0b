import fc from 'fast-check';
import t from 'tap';
import { jsonText, jsonValue } from '../../../services/content/json-value.js';
import type { Cell, ColumnType } from '../../../services/sources/source.js';

type Case = readonly [type: ColumnType, cell: Cell, json: string, exactJson?: string];

const CASES: readonly Case[] = [
  ['integer', null, 'null'],
  ['integer', 7, '7', '"7"'],
  ['integer', -0, '0', '"0"'],
  ['integer', 9_007_199_254_740_991, '9007199254740991', '"9007199254740991"'],
  ['integer', 9_007_199_254_740_993n, '"9007199254740993"'],
  ['integer', -9_007_199_254_740_993n, '"-9007199254740993"'],
  ['integer', 5n, '5', '"5"'],
  ['decimal', '1.10', '1.1', '"1.10"'],
  ['decimal', '-0.05', '-0.05', '"-0.05"'],
  ['decimal', '0.1000000000000000055511151231257827', '0.1', '"0.1000000000000000055511151231257827"'],
  ['decimal', '12345678901234567890.5', '12345678901234567000', '"12345678901234567890.5"'],
  ['decimal', '12345678901234567890', '"12345678901234567890"'],
  ['decimal', '9007199254740991', '9007199254740991', '"9007199254740991"'],
  ['decimal', '0.0000001', '1e-7', '"0.0000001"'],
  ['decimal', `1${'0'.repeat(400)}`, `"1${'0'.repeat(400)}"`],
  ['decimal', `1${'0'.repeat(400)}.5`, `"1${'0'.repeat(400)}.5"`],
  ['decimal', 'NaN', 'null', 'null'],
  ['decimal', '-Infinity', 'null', 'null'],
  ['float', 0.1, '0.1', '"0.1"'],
  ['float', 1e21, '1e+21', '"1e+21"'],
  ['float', 5e-324, '5e-324', '"5e-324"'],
  ['float', Number.NaN, 'null', 'null'],
  ['float', Number.POSITIVE_INFINITY, 'null', 'null'],
  ['float', Number.NEGATIVE_INFINITY, 'null', 'null'],
  ['boolean', true, 'true', 'true'],
  ['boolean', false, 'false', 'false'],
  ['text', '', '""'],
  ['text', 'say "hi"\\\n\0😀', '"say \\"hi\\"\\\\\\n\\u0000😀"'],
  ['text', 'a\uD800b', '"a\uFFFDb"'],
  ['text', '\uDC00\uD83D', '"\uFFFD\uFFFD"'],
  ['date', '2024-02-29', '"2024-02-29"'],
  ['timestamp', '2026-01-02T03:04:05.1Z', '"2026-01-02T03:04:05.1Z"'],
  ['json', '{"a":[1,"2"]}', '{"a":[1,"2"]}', '{"a":[1,"2"]}'],
  ['json', null, 'null', 'null'],
];

t.test('each kind of cell is written by its column type', async (t) => {
  for (const [type, cell, json, exactJson = json] of CASES) {
    t.equal(jsonValue(type, cell), json, `${type} ${String(cell).slice(0, 40)}`);
    t.equal(jsonValue(type, cell, true), exactJson, `${type} ${String(cell).slice(0, 40)}, exact`);
  }
});

t.test('any number comes back as the same number from the JSON', async (t) => {
  fc.assert(
    fc.property(fc.double(), (number) => {
      const back = JSON.parse(jsonValue('float', number));
      return Number.isFinite(number) ? back === number : back === null;
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 127n), 2n ** 127n), (integer) => {
      return BigInt(JSON.parse(jsonValue('integer', integer))) === integer;
    }),
    { numRuns: 5000 },
  );
  t.pass('held');
});

t.test('any text is valid JSON that UTF-8 can carry unchanged', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })),
      (text, units) => {
        for (const any of [text, String.fromCharCode(...units)]) {
          const json = jsonText(any);
          const overTheWire = JSON.parse(Buffer.from(json).toString());
          if (overTheWire !== JSON.parse(json) || /\p{Surrogate}/u.test(overTheWire)) return false;
          if (!/\p{Surrogate}/u.test(any) && overTheWire !== any) return false;
        }
        return true;
      },
    ),
    { numRuns: 5000 },
  );
  t.pass('held');
});

t.test('a text that holds the spelling of an escape is left as it is', async (t) => {
  t.equal(JSON.parse(jsonText('\\ud800 \\uD800')), '\\ud800 \\uD800');
});
