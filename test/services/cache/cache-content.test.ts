import t from 'tap';
import { cacheRoom, FRESH_MS, GRACE_MS, requestOf, versions } from '../../helpers/cache-room.js';

// ROOM_POLICY: fresh for 300 s, stale within grace until 360 s, stale-if-error until 900 s, deadline 30 s.

t.test('given a value too large to keep, it is served and its predecessor is gone', async (t) => {
  const { cache, clock, memory, observer } = cacheRoom({ maxBytes: 100_000 });
  let large = false;
  const request = requestOf(() => (large ? 'x'.repeat(50_000) : 'small'));
  t.equal((await cache.read(request)).stored, true);
  large = true;
  clock.advance(FRESH_MS + GRACE_MS);
  const answer = await cache.read(request);
  t.hasStrict(answer, { outcome: 'miss', stored: false });
  t.equal(answer.entry.body.identityBytes > 50_000, true);
  t.equal(memory.read(request.key.hash), undefined);
  t.equal(observer.count('too_large'), 1);
  t.equal((await cache.read(request)).outcome, 'miss');
  t.equal(request.loadsCount, 3);
});

t.test('given equal content at a refresh, bytes, ETag and generated_at stay', async (t) => {
  const { cache, clock, observer } = cacheRoom();
  const request = requestOf(() => 'same');
  const first = await cache.read(request);
  clock.advance(FRESH_MS);
  await cache.read(request);
  await cache.settled();
  const renewed = await cache.read(request);
  t.equal(renewed.outcome, 'hit');
  t.equal(renewed.entry.body, first.entry.body);
  t.equal(renewed.entry.etag, first.entry.etag);
  t.equal(renewed.entry.generatedAtMs, first.entry.generatedAtMs);
  t.equal(renewed.entry.storedAtMs, first.entry.storedAtMs + FRESH_MS);
  t.equal(observer.count('renewals'), 1);
});

t.test(
  'given equal content after a purge, bytes and ETag stay: the purge was about trust, not about bytes',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const request = requestOf(() => 'same');
    const first = await cache.read(request);
    clock.advance(5000);
    await cache.invalidate(['panel'], 'purge');
    const again = await cache.read(request);
    t.equal(again.outcome, 'miss');
    t.equal(again.entry.body, first.entry.body);
    t.equal(again.entry.etag, first.entry.etag);
    t.equal(again.entry.generatedAtMs, first.entry.generatedAtMs);
    t.equal(again.entry.storedAtMs, first.entry.storedAtMs + 5000);
  },
);

t.test('given other content, it is news with a generated_at of its own', async (t) => {
  const { cache, clock, observer } = cacheRoom();
  const request = requestOf(versions());
  const first = await cache.read(request);
  clock.advance(FRESH_MS + GRACE_MS);
  const second = await cache.read(request);
  t.not(second.entry.etag, first.entry.etag);
  t.equal(second.entry.generatedAtMs, clock.nowMs());
  t.equal(observer.count('renewals'), 0);
});
