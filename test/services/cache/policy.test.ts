import fc from 'fast-check';
import t from 'tap';
import { instantsOf, type Usability, usabilityOf } from '../../../services/cache/policy.js';
import { ROOM_POLICY } from '../../helpers/cache-room.js';

const policy = { ...ROOM_POLICY, ttlMs: 1000, graceMs: 200, staleIfErrorMs: 500 };

t.test('given the random number 0, an entry is fresh for the whole ttl', async (t) => {
  t.same(
    instantsOf(policy, 10_000, () => 0),
    { staleAtMs: 11_000, deleteAtMs: 11_500 },
  );
});

t.test('given the largest random number, a twentieth of the ttl is taken off and no more', async (t) => {
  const { staleAtMs } = instantsOf(policy, 0, () => 1 - Number.EPSILON);
  t.ok(staleAtMs >= 950 && staleAtMs <= 951, `${staleAtMs}`);
});

t.test(
  'given any ttl and random number, the instants are whole and never later than the ttl says',
  async (t) => {
    const numbers = fc.record({
      ttlMs: fc.nat({ max: 1e9 }),
      graceMs: fc.nat({ max: 1e9 }),
      staleIfErrorMs: fc.nat({ max: 1e9 }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(numbers, ({ random, ...durations }) => {
          const { staleAtMs, deleteAtMs } = instantsOf({ ...policy, ...durations }, 5_000, () => random);
          const lifeMs = staleAtMs - 5_000;
          return (
            Number.isInteger(staleAtMs) &&
            lifeMs <= durations.ttlMs &&
            lifeMs >= durations.ttlMs * 0.95 &&
            deleteAtMs - staleAtMs === Math.max(durations.graceMs, durations.staleIfErrorMs)
          );
        }),
        { numRuns: 2_000 },
      ),
    );
  },
);

t.test('given a grace longer than stale-if-error, the entry is kept for the grace', async (t) => {
  const long = { ...policy, graceMs: 900, staleIfErrorMs: 100 };
  t.equal(instantsOf(long, 0, () => 0).deleteAtMs, 1900);
});

// staleAt 1000, grace to 1200, stale-if-error to 1500, deleted at 1500.
const TABLE: readonly (readonly [nowMs: number, use: Usability])[] = [
  [0, 'fresh'],
  [999, 'fresh'],
  [1000, 'stale'],
  [1199, 'stale'],
  [1200, 'stale-if-error'],
  [1499, 'stale-if-error'],
  [1500, 'unusable'],
  [9999, 'unusable'],
];
for (const [nowMs, use] of TABLE)
  t.test(`given ${nowMs} ms, an entry that is stale from 1000 is ${use}`, async (t) => {
    t.equal(usabilityOf({ staleAtMs: 1000, deleteAtMs: 1500 }, policy, nowMs), use);
  });

t.test('given an expire before the own instant, grace and stale-if-error count from it', async (t) => {
  const expired = { staleAtMs: 300, deleteAtMs: 1500 };
  t.equal(usabilityOf(expired, policy, 299), 'fresh');
  t.equal(usabilityOf(expired, policy, 300), 'stale');
  t.equal(usabilityOf(expired, policy, 499), 'stale');
  t.equal(usabilityOf(expired, policy, 500), 'stale-if-error');
  t.equal(usabilityOf(expired, policy, 799), 'stale-if-error');
  t.equal(usabilityOf(expired, policy, 800), 'unusable');
});

t.test(
  'given the instant of deletion, nothing is served whatever the policy of the reader says',
  async (t) => {
    const generous = { ...policy, graceMs: 1e9, staleIfErrorMs: 1e9 };
    t.equal(usabilityOf({ staleAtMs: 1000, deleteAtMs: 1500 }, generous, 1499), 'stale');
    t.equal(usabilityOf({ staleAtMs: 1000, deleteAtMs: 1500 }, generous, 1500), 'unusable');
  },
);

t.test('given a grace longer than stale-if-error, the end of grace is the end', async (t) => {
  const long = { ...policy, graceMs: 900, staleIfErrorMs: 100 };
  t.equal(usabilityOf({ staleAtMs: 1000, deleteAtMs: 1900 }, long, 1899), 'stale');
  t.equal(usabilityOf({ staleAtMs: 1000, deleteAtMs: 1900 }, long, 1900), 'unusable');
});
