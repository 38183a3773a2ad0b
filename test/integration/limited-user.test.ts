import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { askRedis } from '../helpers/ask-redis.js';
import { documentedUser } from '../helpers/documented-user.js';
import { SHOP_PANELS } from './support/shop.js';
import { read, tell, twoProcesses } from './support/two-processes.js';
import { until } from './support/until.js';

const NEVER = ['keys', 'scan', 'flushdb', 'flushall', 'config', 'script', 'acl', 'shutdown', 'mget', 'mset'];
/** Two steps of the ledger: one process has become its sweeper by then. */
const LEDGER_MS = 6_500;

t.test(
  'two processes as the ACL user of the documentation: nothing is refused, nothing dangerous is sent',
  async (t) => {
    const { services, redis } = await twoProcesses(t);
    const [first, second] = services;
    const paths = SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=8`);
    const readAll = async () => {
      for (const service of services)
        for (const path of paths) t.equal((await read(service, path)).status, 200);
    };
    await readAll();
    for (const mode of ['purge', 'expire']) {
      const { status } = await tell(first, '/cache/invalidations', { body: { all: true, mode } });
      t.equal(status, 200, mode);
      await readAll();
    }
    for (const enabled of [false, true]) {
      const { status } = await tell(second, '/cache/switch', { method: 'PUT', body: { enabled } });
      t.equal(status, 200, `switch ${enabled}`);
      await readAll();
    }
    t.equal((await tell(first, '/cache/warmings', { body: { dashboard: 'shop', tenant: '9' } })).status, 200);
    for (const path of [
      '/reports/cache-statistics/',
      '/reports/cache-history',
      '/reports/cache-periods',
      '/cache/events',
      '/metrics',
    ])
      for (const service of services) t.equal((await read(service, path)).status, 200, path);
    await sleep(LEDGER_MS);
    await readAll();
    const heard = async () =>
      String(await askRedis(redis.port, 'PUBSUB', 'NUMSUB', 'dc:{g}:bus')) === 'dc:{g}:bus,2';
    t.ok(await until(heard), 'both hear the bus');
    for (const service of services) t.equal(await service.stop(), 0);

    t.same(await askRedis(redis.port, 'ACL', 'LOG'), [], 'nothing was refused');
    const stats = String(await askRedis(redis.port, 'INFO', 'commandstats'));
    const sent = [...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, name = '']) => name);
    // What this test itself has asked.
    const ours = new Set(['acl|log', 'pubsub|numsub']);
    t.same(
      sent.filter((name) => NEVER.includes(name.split('|')[0] ?? '') && !ours.has(name)),
      [],
    );
    const allowed = documentedUser().rules.filter((rule) => rule.startsWith('+'));
    const unused = allowed.filter((rule) => !sent.includes(rule.slice(1)));
    t.comment(`allowed and not sent here: ${unused.join(' ')}`);
  },
);
