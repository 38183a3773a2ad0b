import t, { type Test } from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { shopFolder } from './support/shop.js';
import { bearer, testCredentials } from './support/test-credentials.js';
import { until } from './support/until.js';

async function limited(t: Test, environment: Record<string, string>, folder?: string) {
  const credentials = testCredentials();
  return listeningApp(t, { folder: folder ?? (await shopFolder(t)), environment, credentials });
}

/** How many of so many requests are answered. */
async function answered({ get }: ListeningApp, headers: Record<string, string>, count: number) {
  let answeredCount = 0;
  for (let i = 0; i < count; i++)
    if ((await get('/dashboards/shop/metrics?site_id=1', { headers })).status === 200) answeredCount++;
  return answeredCount;
}

t.test('given a rate, a caller who asks more is told when to come back, and others are not', async (t) => {
  const service = await limited(t, { RATE_LIMIT: '20/h' });
  const one = await bearer(['reader'], 1, 'one');
  t.equal(await answered(service, one, 25), 20);
  const refused = await service.get('/dashboards/shop/metrics?site_id=1', { headers: one });
  t.equal(refused.status, 429);
  t.match(refused.json(), { code: 'too_many_requests', detail: /20 requests within 3600 s/ });
  t.ok(Number(refused.headers['retry-after']) > 60);
  t.equal(refused.headers['cache-control'], 'no-store');
  t.equal(await answered(service, await bearer(['reader'], 1, 'two'), 5), 5);
  t.equal((await service.get('/health/live', { headers: one })).status, 200, 'health is open to all');
  t.equal(await answered(service, await bearer(['admin'], 1), 30), 30, 'who has to mend it is not kept out');
});

t.test('given guesses at credentials, they are counted by the address they come from', async (t) => {
  const service = await limited(t, { RATE_LIMIT: '20/h' });
  const statuses = new Set<number>();
  for (let i = 0; i < 25; i++)
    statuses.add((await service.get('/dashboards', { headers: { 'x-api-key': `guess-${i}` } })).status);
  t.same([...statuses], [401, 429]);
});

t.test('given two processes on one Redis, they count together', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const environment = { RATE_LIMIT: '200/h', REDIS_URL: redis.url };
  const [a, b] = [await limited(t, environment, folder), await limited(t, environment, folder)];
  const one = await bearer(['reader'], 1, 'one');
  t.equal(await answered(a, one, 210), 200);
  t.ok(await until(async () => (await answered(b, one, 6)) === 0), 'the other has heard of it');
});

t.test('given no rate, nobody is counted (control)', async (t) => {
  const service = await limited(t, {});
  t.equal(await answered(service, await bearer(['reader'], 1), 60), 60);
});
