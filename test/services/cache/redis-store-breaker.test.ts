import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Breaker } from '../../../services/breaker.js';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { RedisStore } from '../../../services/cache/redis-store.js';
import { newProcessId } from '../../../services/cache/stamp.js';
import { systemClock as clock } from '../../../services/clock.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { ownServer } from '../../helpers/cache-redis-slot.js';
import { CountingObserver } from '../../helpers/cache-room.js';
import { readPlain, writePlain } from '../../helpers/plain-store.js';
import { namedEntry, namedKey } from '../../helpers/redis-parts.js';

const ledger = { stored: () => {}, read: () => {} };

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await action();
  return performance.now() - startedMs;
}

t.test(
  'Redis frozen: after five readers nobody waits for it, and it is used again a second after it answers',
  async (t) => {
    const server = await ownServer(t);
    const redis = await cacheRedis(t, server.url);
    const observer = new CountingObserver();
    const breaker = new Breaker({ clock });
    const store = new RedisStore({ redis, prefix: 'dc:', clock, observer, ledger, breaker });
    const entry = await namedEntry('x');
    t.ok(await writePlain(store, entry));

    server.freeze();
    const waitedMs = await timed(() =>
      Promise.all(Array.from({ length: 5 }, () => readPlain(store, namedKey('x')))),
    );
    t.ok(waitedMs >= 240, `they waited for ${waitedMs.toFixed(0)} ms`);
    t.ok(breaker.isOpen);
    const skippedMs = await timed(() => readPlain(store, namedKey('x')));
    t.ok(skippedMs < waitedMs / 2, `the sixth for ${skippedMs.toFixed(0)} ms`);
    t.equal(observer.count('l2_skips'), 1);
    t.equal(observer.count('l2_failures'), 5);

    server.thaw();
    const thawedMs = performance.now();
    await until(() => writePlain(store, entry), 'a write');
    t.comment(`written ${(performance.now() - thawedMs).toFixed(0)} ms after it thawed`);
    t.notOk(breaker.isOpen);
  },
);

t.test('Redis refuses, or is not connected: no wait, so nothing to be spared', async (t) => {
  const server = await ownServer(t, { args: ['--maxmemory', '100kb', '--maxmemory-policy', 'noeviction'] });
  const redis = await cacheRedis(t, server.url);
  const breaker = new Breaker({ clock });
  const store = new RedisStore({
    redis,
    prefix: 'dc:',
    clock,
    observer: new CountingObserver(),
    ledger,
    breaker,
  });
  const entry = await namedEntry('x');
  for (let i = 0; i < 6; i++) t.notOk(await writePlain(store, entry), 'out of memory');
  t.notOk(breaker.isOpen);
  await server.kill();
  await until(() => redis.status !== 'ready');
  for (let i = 0; i < 6; i++) t.equal(await readPlain(store, namedKey('x')), null);
  t.notOk(breaker.isOpen);
  await server.restart();
  await until(() => redis.status === 'ready');
  await sleep(10);
  t.notOk(breaker.isOpen, 'and nothing stands in the way when it is back');
});

t.test(
  'Redis frozen and back: the first look that it answers closes the breaker, although nobody reads',
  async (t) => {
    const server = await ownServer(t);
    const redis = await cacheRedis(t, server.url);
    const breaker = new Breaker({ clock });
    const shared = { redis, prefix: 'dc:', clock };
    const store = new RedisStore({ ...shared, observer: new CountingObserver(), ledger, breaker });
    const slot = new RedisControlSlot({ ...shared, processId: newProcessId(), breaker });
    const nothing = { root: '', position: '' };
    const looks = () =>
      slot.look(nothing, []).then(
        () => true,
        () => false,
      );
    t.ok(await looks());
    server.freeze();
    const reading = Array.from({ length: 5 }, () => readPlain(store, namedKey('x')));
    t.notOk(await looks(), 'a look is not answered either');
    await Promise.all(reading);
    t.ok(breaker.isOpen);
    server.thaw();
    await until(looks, 'a look');
    t.notOk(breaker.isOpen);

    // An answer that follows an answer says nothing of a store that does not answer.
    for (let i = 0; i < 5; i++) breaker.enter()?.failed();
    t.ok(await looks());
    t.ok(breaker.isOpen);
  },
);
