import t from 'tap';
import { Breaker } from '../../../services/breaker.js';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { newProcessId } from '../../../services/cache/stamp.js';
import { cacheRedis } from '../../helpers/cache-redis.js';
import { ownServer, unmet } from '../../helpers/cache-redis-slot.js';
import { ManualClock } from '../../helpers/manual-clock.js';

async function openedBreaker(clock: ManualClock): Promise<Breaker> {
  const breaker = new Breaker({ clock });
  for (let i = 0; i < 5; i++) breaker.enter()?.failed();
  if (!breaker.isOpen) throw new Error('The breaker is not open');
  return breaker;
}

t.test('given a look that is answered after a silence, it closes the breaker of layer two', async (t) => {
  const server = await ownServer(t);
  const clock = new ManualClock();
  const redis = await cacheRedis(t, server.adminUrl);
  const breaker = await openedBreaker(clock);
  const slot = new RedisControlSlot({ redis, prefix: 'dc:', clock, processId: newProcessId(), breaker });
  await slot.look(unmet, []);
  t.ok(breaker.isOpen, 'it says nothing new: another node may be the one that is silent');
  server.freeze();
  const late = t.rejects(slot.look(unmet, []));
  clock.advance(200);
  await late;
  t.ok(breaker.isOpen);
  server.thaw();
  await slot.look(unmet, []);
  t.notOk(breaker.isOpen);
});
