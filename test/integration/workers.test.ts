import { Agent } from 'node:http';
import t, { type Test } from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { statisticsOf } from './support/counters.js';
import { shopFolder } from './support/shop.js';
import { until } from './support/until.js';

const PANEL = '/dashboards/shop/metrics?site_id=1';

async function workers(t: Test, workersCount: number) {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const service = await builtService({
    environment: {
      DASHCACHE_CONFIG: await shopFolder(t),
      DATA_DIR: tempFolder(t),
      REDIS_URL: redis.url,
      WORKERS: String(workersCount),
    },
  });
  t.teardown(() => service.stop());
  const get = (path: string, method: 'GET' | 'POST' = 'GET', body?: unknown) =>
    // A connection of its own, so that each in turn is asked.
    ask(service.url + path, { method, agent: new Agent(), ...(body !== undefined && { body }) });
  t.ok(await until(async () => (await statisticsOf({ get })).processes.length === workersCount));
  return { service, get };
}

/** Of one family, by worker. */
function sumsByWorker(text: string, family: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [, worker = '', value] of text.matchAll(
    new RegExp(`^${family}\\{.*worker="(\\d+)"\\} (\\S+)$`, 'gm'),
  ))
    sums[worker] = (sums[worker] ?? 0) + Number(value);
  return sums;
}

t.test('given two workers, their address is one service: counted in sum, purged in both', async (t) => {
  const { service, get } = await workers(t, 2);
  for (let i = 0; i < 40; i++) t.equal((await get(PANEL)).status, 200);
  const text = (await get('/metrics')).text;
  const sums = sumsByWorker(text, 'dashcache_reads_total');
  t.same(Object.keys(sums), ['1', '2']);
  t.ok(
    Object.values(sums).every((count) => count > 0),
    JSON.stringify(sums),
  );
  t.equal((sums['1'] ?? 0) + (sums['2'] ?? 0), 40);
  t.match(text, /^process_resident_memory_bytes\{worker="2"\} \d+$/m);
  t.equal(text.match(/^# TYPE dashcache_reads_total counter$/gm)?.length, 1);
  const readsCount = async () =>
    (await statisticsOf({ get })).panels.reduce((sum, { total_requests: count }) => sum + count, 0);
  t.ok(await until(async () => (await readsCount()) === 40), 'each tells the others every 5 s');
  const purged = await get('/cache/invalidations', 'POST', { dashboard: 'shop' });
  t.match(purged.json(), { confirmed: 2 });
  const after = [await get(PANEL), await get(PANEL), await get(PANEL), await get(PANEL)];
  t.equal(after.filter(({ cacheStatus }) => cacheStatus.includes('uri-miss')).length, 1, 'one load for both');
  t.equal(await service.stop(), 0);
});

t.test('given a worker that is killed, the others answer, and another takes its place', async (t) => {
  const { service, get } = await workers(t, 2);
  const before = (await statisticsOf({ get })).processes.map(({ pid }) => pid);
  process.kill(Number(before[0]), 'SIGKILL');
  const statuses = new Set<number>();
  const isReplaced = async () => {
    statuses.add(
      await get(PANEL).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    const sums = sumsByWorker((await get('/metrics')).text, 'process_start_time_seconds');
    return Object.keys(sums).length === 2;
  };
  t.ok(await until(async () => service.lines.some((line) => line.includes('A worker has ended'))));
  t.ok(await until(isReplaced), 'replaced');
  t.equal(service.errorText, '');
  t.same([...statuses], [200]);
  t.equal(await service.stop(), 0);
  for (const pid of before) t.throws(() => process.kill(Number(pid), 0), `${pid} is gone`);
});

t.test('given settings that are wrong, they are told once, and it ends', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const environment = { DASHCACHE_CONFIG: tempFolder(t), REDIS_URL: redis.url, WORKERS: '3' };
  const error = await builtService({ environment }).then(
    async (service) => `it started: ${await service.stop()}`,
    (thrown: Error) => thrown.message,
  );
  t.match(error, /ended \(3\)/);
  t.equal(error.match(/There are no dashboards to serve/g)?.length, 1);
});
