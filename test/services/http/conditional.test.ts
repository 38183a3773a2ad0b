import fc from 'fast-check';
import t from 'tap';
import type { Coding } from '../../../services/cache/body.js';
import { matchingTag } from '../../../services/http/conditional.js';
import { entityTag } from '../../../services/http/entity-tag.js';

t.test('each coding has a strong tag of its own', async (t) => {
  t.equal(entityTag('abc', 'identity'), '"abc"');
  t.equal(entityTag('abc', 'br'), '"abc-br"');
  t.equal(entityTag('abc', 'gzip'), '"abc-gz"');
});

const MATCHES: readonly [ifNoneMatch: string, tag: string][] = [
  ['"abc"', '"abc"'],
  ['"abc-br"', '"abc-br"'],
  ['W/"abc-gz"', '"abc-gz"'],
  ['"x", "abc"', '"abc"'],
  ['"x","y",W/"abc-br" , "z"', '"abc-br"'],
  ['"with,comma", "abc"', '"abc"'],
  ['*', '"abc-br"'],
  [' * ', '"abc-br"'],
  ['"abc", "abc-br"', '"abc-br"'],
];
for (const [ifNoneMatch, tag] of MATCHES) {
  t.test(`If-None-Match: ${ifNoneMatch} matches ${tag} where br would be sent`, async (t) => {
    t.equal(matchingTag(ifNoneMatch, 'abc', 'br'), tag);
  });
}

const MISMATCHES: readonly (string | undefined)[] = [
  undefined,
  '',
  'abc',
  '"ab"',
  '"abcd"',
  '"abc-xx"',
  'w/"abc"',
  '"abc',
  'abc"',
  '"x" "abc"',
  '"*"',
  '*, "x"',
  '"ABC"',
];
for (const ifNoneMatch of MISMATCHES) {
  t.test(`If-None-Match: ${ifNoneMatch} does not match`, async (t) => {
    t.equal(matchingTag(ifNoneMatch, 'abc', 'br'), null);
  });
}

t.test('a list matches exactly when a tag of the content is in it', async (t) => {
  const codings: readonly Coding[] = ['identity', 'br', 'gzip'];
  const etag = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
  const held = fc.record({ etag, coding: fc.constantFrom(...codings), weak: fc.boolean() });
  fc.assert(
    fc.property(etag, fc.constantFrom(...codings), fc.array(held, { maxLength: 6 }), (own, coding, list) => {
      const header = list
        .map((tag) => `${tag.weak ? 'W/' : ''}${entityTag(tag.etag, tag.coding)}`)
        .join(', ');
      const tags = codings.map((each) => entityTag(own, each));
      const expected = list.some((tag) => tags.includes(entityTag(tag.etag, tag.coding)));
      return (matchingTag(header, own, coding) !== null) === expected;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
