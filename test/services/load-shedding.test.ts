import t from 'tap';
import { noTenant } from '../../services/definitions/tenant.js';
import { failure } from '../contracts/source-contract.js';
import { Barrier } from '../helpers/barrier.js';
import { CachedSource, panelOf, parametersOf, queryOf, rowOf } from '../helpers/cache-panels.js';
import { serviceOf } from '../helpers/cache-service.js';

const askedFor = (id: string) => ({
  panel: panelOf({ id, queries: [queryOf(`SELECT '${id}'`)] }),
  parameters: parametersOf(),
  tenant: noTenant,
});

t.test(
  'given too much to do, what is at hand is answered, fresh or stale, and the source is left alone',
  async (t) => {
    const barrier = new Barrier();
    const source = new CachedSource(async ({ text }) => {
      if (text.includes('first')) await barrier.pass();
      return rowOf({ total: 1 });
    });
    const room = serviceOf(source);
    const [stale, fresh] = [askedFor('charts/stale'), askedFor('charts/fresh')];
    await room.service.read(stale);
    room.clock.advance(stale.panel.policy.ttlMs + 1);
    await room.service.read(fresh);
    room.pressure.isHigh = true;
    const first = room.service.read(askedFor('charts/first'));
    await barrier.arrived();
    t.equal((await room.service.read(fresh)).outcome, 'hit');
    t.equal((await room.service.read(stale)).outcome, 'stale_hit', 'no failure of its source');
    const cold = await failure(room.service.read(askedFor('charts/cold')));
    t.equal(cold.code, 'service_overloaded');
    t.equal(cold.retryAfterSeconds, 2);
    t.equal(source.asked.length, 3, 'one at a time is let in');
    t.equal(room.observer.count('shed_loads'), 1);
    barrier.open();
    t.equal((await first).outcome, 'miss');
  },
);
