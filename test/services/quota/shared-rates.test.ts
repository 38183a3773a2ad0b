import t from 'tap';
import { systemClock } from '../../../services/clock.js';
import { SharedRates } from '../../../services/quota/shared-rates.js';
import { cacheRedis } from '../../helpers/cache-redis.js';
import { startRedis } from '../../helpers/redis-server.js';

const redis = await startRedis();
t.teardown(() => redis.stop());
const client = await cacheRedis(t, redis.url);
const WINDOW_MS = 60_000;

const ledger = () =>
  new SharedRates({ redis: client, prefix: 'dc:', clock: systemClock, windowMs: WINDOW_MS });

t.test('given counts of two processes, each hears the sum, and told twice they count once', async (t) => {
  const [one, two] = [ledger(), ledger()];
  t.same(await one.tell(7, [{ caller: 'a', count: 3 }]), [3]);
  t.same(
    await two.tell(7, [
      { caller: 'b', count: 1 },
      { caller: 'a', count: 5 },
    ]),
    [1, 8],
  );
  t.same(await one.tell(7, [{ caller: 'a', count: 3 }]), [8]);
  t.same(await one.tell(7, [{ caller: 'a', count: 4 }]), [9]);
  t.same(await one.tell(8, [{ caller: 'a', count: 1 }]), [1], 'another window');
});

t.test('given names of callers, Redis holds neither them nor anything for long', async (t) => {
  await ledger().tell(9, [{ caller: 'Jane Doe <jane@example.org>', count: 1 }]);
  const held = JSON.stringify(await client.hgetall('dc:{r}:9'));
  t.notMatch(held, /Jane/);
  const leftMs = await client.pttl('dc:{r}:9');
  t.ok(leftMs > WINDOW_MS && leftMs <= 2 * WINDOW_MS, `${leftMs}`);
});

t.test('given a Redis that is away, nothing is told and nothing throws', async (t) => {
  const gone = await cacheRedis(t, redis.url);
  gone.disconnect();
  const away = new SharedRates({ redis: gone, prefix: 'dc:', clock: systemClock, windowMs: WINDOW_MS });
  t.equal(await away.tell(7, [{ caller: 'a', count: 3 }]), null);
});
