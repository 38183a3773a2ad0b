import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Barrier } from '../helpers/barrier.js';
import { startRedis } from '../helpers/redis-server.js';
import { listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { shopFolder } from './support/shop.js';
import { until } from './support/until.js';

const PATH = '/dashboards/shop/metrics?site_id=3';
const READERS_COUNT = 100;

t.test('the first of 100 readers hangs up: the other 99 get the load that he began', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const barrier = new Barrier();
  const start = async () => {
    const service = await listeningApp(t, { folder, environment: { REDIS_URL: redis.url } });
    const source = scriptSource(service.app);
    source.barrier = barrier;
    return { ...service, source };
  };
  const [here, elsewhere] = [await start(), await start()];

  const first = request(here.url + PATH, { agent: false });
  const hungUp = new Promise((resolve) => first.on('error', resolve));
  first.end();
  await barrier.arrived();
  let arrivedCount = 0;
  for (const { app } of [here, elsewhere]) app.server.on('request', () => arrivedCount++);
  const others = Array.from({ length: READERS_COUNT - 1 }, (_, i) =>
    (i % 2 === 0 ? here : elsewhere).get(PATH),
  );
  t.ok(await until(() => arrivedCount === READERS_COUNT - 1));
  first.destroy();
  await hungUp;
  // Whatever would end the load with its first reader has had the time to.
  await sleep(200);
  barrier.open();

  const answers = await Promise.all(others);
  t.ok(answers.every(({ status }) => status === 200));
  t.ok(answers.every(({ cacheStatus }) => cacheStatus === 'dashcache; fwd=uri-miss; collapsed'));
  t.equal(new Set(answers.map(({ text }) => text)).size, 1);
  t.equal(here.source.askedCount + elsewhere.source.askedCount, 1);
});
