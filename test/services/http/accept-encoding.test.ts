import fc from 'fast-check';
import t from 'tap';
import { negotiateCoding } from '../../../services/http/accept-encoding.js';

const CASES: readonly [acceptEncoding: string | undefined, coding: string, why: string][] = [
  [undefined, 'identity', 'no header: any coding may be read, plain surely'],
  ['', 'identity', 'an empty header wants no coding'],
  ['br', 'br', 'a named coding'],
  ['gzip', 'gzip', 'a named coding'],
  ['gzip, br', 'br', 'equal weights: the smaller one'],
  ['gzip;q=1.0, br;q=0.9', 'gzip', 'the higher weight'],
  ['GZIP', 'gzip', 'codings have no case'],
  ['x-gzip', 'gzip', 'the old name of gzip (RFC 9110 section 8.4.1.3)'],
  ['gzip , deflate ,\tbr;q=0.5', 'gzip', 'spaces and unknown codings'],
  ['deflate, zstd', 'identity', 'nothing that is offered'],
  ['*', 'br', 'anything'],
  ['br;q=0, *', 'gzip', 'anything but br'],
  ['*;q=0', 'identity', 'nothing at all, not even plain: plain'],
  ['identity', 'identity', 'plain'],
  ['identity;q=0', 'identity', 'all is refused: plain can at least be read'],
  ['identity;q=0, gzip;q=0.1', 'gzip', 'plain is refused'],
  ['identity;q=1, br;q=0.5', 'identity', 'plain is wanted more'],
  ['identity;q=0.5, br;q=0.5', 'br', 'equal weights: the smaller one'],
  ['br;q=0.000', 'identity', 'a weight of zero in full'],
  ['br;q=0.001', 'br', 'the smallest weight'],
  ['br;q=2', 'identity', 'a weight that does not exist is a refusal'],
  ['br;q=', 'identity', 'a weight that is missing is a refusal'],
  ['br;level=4', 'identity', 'a parameter that is no weight is a refusal'],
  [',,;q=1,', 'identity', 'empty elements'],
];

for (const [acceptEncoding, coding, why] of CASES) {
  t.test(`${JSON.stringify(acceptEncoding)} gives ${coding}: ${why}`, async (t) => {
    t.equal(negotiateCoding(acceptEncoding, true), coding);
  });
}

t.test('a small body is sent plain, unless the reader refuses it plain', async (t) => {
  t.equal(negotiateCoding('br, gzip', false), 'identity');
  t.equal(negotiateCoding('br, identity;q=0', false), 'br');
  t.equal(negotiateCoding('gzip, *;q=0', false), 'gzip');
  t.equal(negotiateCoding('identity;q=0', false), 'identity');
});

t.test('any text gives a coding that it does not refuse by name', async (t) => {
  const text = fc.stringMatching(/^[a-z0-9*;=., \t-]{0,60}$/);
  fc.assert(
    fc.property(text, fc.boolean(), (header, isCoded) => {
      const coding = negotiateCoding(header, isCoded);
      return coding === 'identity' || !new RegExp(`(^|,)\\s*${coding}\\s*;\\s*q=0(\\.0*)?\\s*$`).test(header);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
