import type { Test } from 'tap';
import { askRedis } from '../../helpers/ask-redis.js';
import { builtService } from './built-service.js';
import { SHOP_PANELS, shopFolder } from './shop.js';
import { read, tell } from './two-processes.js';
import { until } from './until.js';

const PATHS = SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=8`);

/** A Redis of whatever topology, for processes that share it. */
export interface SharedRedis {
  /** Settings by which a service finds it. */
  readonly environment: Readonly<Record<string, string>>;
  /** How far a purge reaches there. */
  readonly reach: 'primary' | 'replicated';
  /** Of all servers that hold data, for who may do everything. */
  readonly servers: readonly string[];
}

/** Two real processes over that Redis: they share entries, a purge is in force in both, and nothing that they asked was refused. */
export async function twoShare(t: Test, redis: SharedRedis): Promise<void> {
  const environment = { DASHCACHE_CONFIG: await shopFolder(t), ...redis.environment };
  const [first, second] = await Promise.all([builtService({ environment }), builtService({ environment })]);
  t.teardown(() => Promise.all([first.stop(), second.stop()]));
  const isWhole = async () => (await read(first, '/health/ready')).text.includes('"degraded":[]');
  t.ok(await until(isWhole), `nothing is degraded: ${first.lines.slice(-5).join()}`);

  for (const path of PATHS) t.match((await read(first, path)).cacheStatus, 'uri-miss; stored', path);
  for (const path of PATHS) t.match((await read(second, path)).cacheStatus, 'detail=l2', path);
  const purge = async () => (await tell(first, '/cache/invalidations', { body: { all: true } })).json();
  t.same(await purge(), { reach: redis.reach, processes: 2, confirmed: 2 });
  for (const path of PATHS) t.match((await read(second, path)).cacheStatus, 'uri-miss', path);
  t.match((await read(first, '/reports/cache-statistics/')).json(), { reach: 'cluster' });

  const times: number[] = [];
  const isHeard = async () => {
    const startedMs = performance.now();
    await purge();
    times.push(Math.round(performance.now() - startedMs));
    return times.length > 5 && Math.min(...times) < 60;
  };
  t.ok(await until(isHeard), 'purges are acknowledged over the bus');
  t.comment(`acknowledged in ${times.join(', ')} ms`);
  for (const server of redis.servers) t.same(await askRedis(server, 'ACL', 'LOG'), [], 'nothing was refused');
}
