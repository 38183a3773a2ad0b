import { createHash } from 'node:crypto';
import t from 'tap';
import { ApiKeys } from '../../../services/identity/api-keys.js';
import { hasDuplicateMembers } from '../../../services/identity/has-duplicate-members.js';

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const record = (fields: string) => `keys: [{ ${fields} }]`;

t.test('given a key, it is the identity of its record, with its tenants and roles', async (t) => {
  const keys = ApiKeys.of(
    record(
      `name: screens, sha256: ${hashOf('right').toUpperCase()}, tenants: [7, 'eight'], roles: [reader, scraper]`,
    ),
  );
  t.same(keys.identityOf('right'), {
    name: 'screens',
    roles: ['reader', 'scraper'],
    tenants: ['7', 'eight'],
  });
});

t.test('given anything else, it is refused', async (t) => {
  const keys = ApiKeys.of(record(`name: a, sha256: ${hashOf('right')}, roles: [reader]`));
  for (const key of [
    '',
    'wrong',
    'right ',
    ' right',
    'right,right',
    'right\0',
    '\x1b[31mright',
    'x'.repeat(257),
    'ｒight',
    hashOf('right'),
  ])
    t.throws(
      () => keys.identityOf(key),
      { name: 'CredentialRefused', reason: 'invalid' },
      JSON.stringify(key.slice(0, 20)),
    );
});

t.test('given a file with faults, all are told, and neither key nor hash is shown', async (t) => {
  const hash = hashOf('secret');
  const faults: readonly (readonly [string, RegExp])[] = [
    ['', /one member, keys/],
    ['a: [', /not YAML/],
    ['keys: {}', /one member, keys/],
    [record(`name: a, sha256: ${hash.slice(1)}, roles: [reader]`), /64 hexadecimal digits/],
    [record(`name: a, sha256: ${hash}`), /roles must be a list/],
    [record(`name: a, sha256: ${hash}, roles: [root]`), /roles must be a list/],
    [record(`name: a, sha256: ${hash}, roles: [reader], key: secret`), /"key" means nothing/],
    [record(`name: "a\\nb", sha256: ${hash}, roles: [reader]`), /name must be/],
    [record(`name: a, sha256: ${hash}, roles: [reader], tenants: [1.5]`), /tenants must be/],
    [
      `keys: [{ name: a, sha256: ${hash}, roles: [reader] }, { name: a, sha256: ${hash}, roles: [reader] }]`,
      /given twice\nkeys\[1\]: another record/,
    ],
  ];
  for (const [text, message] of faults) {
    t.throws(() => ApiKeys.of(text), { name: 'ApiKeyFaults', message }, text);
    try {
      ApiKeys.of(text);
    } catch (error) {
      t.notMatch(String(error), hash);
      t.notMatch(String(error), /secret/);
    }
  }
});

t.test('a member that is named twice is seen in any object and any spelling', async (t) => {
  for (const json of [
    '{"a":1,"a":2}',
    '{"x":{"a":1,"\\u0061":2}}',
    '[{"a":1},{"b":1,"b":1}]',
    '{"a":{"b":1},"a":1}',
  ])
    t.ok(hasDuplicateMembers(json), json);
  for (const json of [
    '{}',
    '{"a":1,"b":"a"}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":1}}}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
  ])
    t.notOk(hasDuplicateMembers(json), json);
});
