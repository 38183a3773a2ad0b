import fc from 'fast-check';
import t from 'tap';
import { validJson } from '../../../services/sources/valid-json.js';

t.test('JSON that anybody can read stays as it is, to the byte', async (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (json) => {
      return validJson(json) === json || /\d{16}/.test(json);
    }),
    { numRuns: 5000 },
  );
  for (const json of [
    '{"a" : 1.50}',
    '"NaN, ]"',
    '[1e400]',
    '"\\"nan"',
    '[0.1234567890123456789]',
    '[1234567890123456.5, 12345678901234567e3]',
  ]) {
    t.equal(validJson(json), json);
  }
});

t.test('big integers become strings, NaN and infinities null, and commas too many go', async (t) => {
  t.equal(
    validJson('[9007199254740993, -9007199254740993, 9007199254740991]'),
    '["9007199254740993", "-9007199254740993", 9007199254740991]',
  );
  t.equal(
    validJson('{"a": NaN, "b": -Infinity, "c": inf, "d": nan,}'),
    '{"a": null, "b": null, "c": null, "d": null}',
  );
  t.equal(validJson('[1,\n]'), '[1\n]');
});

t.test('what is no JSON at all is a wrong answer', async (t) => {
  for (const text of ['', '{', '{a: 1}', '[1,,2]', 'nanny']) {
    t.throws(() => validJson(text), { code: 'source_wrong_answer' });
  }
});
