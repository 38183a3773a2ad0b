import t from 'tap';
import { encodeParts, hashParts, makeKey } from '../../../services/cache/key.js';

// The wide domain is in test/properties/keys.test.ts; here is the one form that stored entries depend on.

t.test('given the same parts again, the key is the same', async (t) => {
  t.same(makeKey('7', ['a', null, ['b']]), makeKey('7', ['a', null, ['b']]));
});

t.test('given a list, each part is written with its type and its length in bytes', async (t) => {
  const encoded = encodeParts(['ab', null, ['c']]);
  t.equal(
    encoded.toString('hex'),
    [...['6c00000003', '7300000004', '61006200'], ...['6e00000000', '6c00000001', '7300000002', '6300']].join(
      '',
    ),
  );
});

t.test('given a key of an earlier build, it is found again', async (t) => {
  // A changed encoding would silently make every stored entry a miss: change CONTENT_VERSION on purpose instead.
  t.equal(hashParts(['a', null, ['b', '']]), 'oh5HwcunzpqzBfhrcH2b3syttdVrEYCl');
});

t.test('given one tenant and two panels, only the tenant hash is shared', async (t) => {
  const [one, other] = [makeKey('7', ['metrics']), makeKey('7', ['summary'])];
  t.equal(one.tenantHash, other.tenantHash);
  t.not(one.hash, other.hash);
  t.not(one.hash, one.tenantHash);
});
