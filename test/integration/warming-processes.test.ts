import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { CacheEvent } from '../../services/events/events-schema.js';
import { Barrier } from '../helpers/barrier.js';
import { documentedUser } from '../helpers/documented-user.js';
import { startRedis } from '../helpers/redis-server.js';
import { json, scriptedUpstream, type UpstreamReply } from '../helpers/scripted-upstream.js';
import type { Service } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { until } from './support/until.js';

const REGIONS = ['north', 'south', 'east', 'west'] as const;

/** Two panels of an endpoint that answers one request at a time, in four combinations. */
const REPORTS = `
id: reports
source: slow
params:
  region: { type: string, max_length: 20 }
metrics: { path: "/totals/:region", ttl: 1h }
summary: { path: "/about/:region", ttl: 1h }
warming:
  after_deploy: true
  params: [${REGIONS.map((region) => `{ region: ${region} }`).join(', ')}]
`;
const PATHS = REGIONS.flatMap((region) => [`/totals/${region}`, `/about/${region}`]);

/** An endpoint behind a barrier, and how to start processes that share a Redis. */
async function world(t: Test) {
  const upstream = await scriptedUpstream(t);
  const barrier = new Barrier();
  const behind: UpstreamReply = async (request, response) => {
    await barrier.pass();
    return json({ total: 1 })(request, response);
  };
  for (const path of PATHS) upstream.on(path, behind);
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  const source = `sources:\n  slow: { type: http, url: "${upstream.url}", concurrency: 1 }\n`;
  writeFileSync(join(folder, 'dashcache.yaml'), source);
  writeFileSync(join(folder, 'reports.yaml'), REPORTS);
  const start = async (): Promise<Service> => {
    const service = await builtService({ environment: { DASHCACHE_CONFIG: folder, REDIS_URL: redis.url } });
    t.teardown(() => service.stop());
    return service;
  };
  return { upstream, barrier, start };
}

async function warmings({ url }: Service): Promise<CacheEvent[]> {
  return (await ask(`${url}/cache/events?kind=warming`)).json<{ events: CacheEvent[] }>().events;
}

async function loadsOf({ url }: Service): Promise<number> {
  const { text } = await ask(`${url}/metrics`);
  return Number(/cache_events_total\{event="warming_loads"\} (\d+)/.exec(text)?.[1]);
}

t.test('of two processes exactly one warms after a deploy, and reads of both hit', async (t) => {
  const { upstream, barrier, start } = await world(t);
  const services = await Promise.all([start(), start()]);
  await barrier.arrived();
  barrier.open();
  const told = async () => (await Promise.all(services.map(warmings))).flat();
  t.ok(await until(async () => (await told()).length > 0));
  t.equal(upstream.asked.length, PATHS.length);
  t.same((await Promise.all(services.map(loadsOf))).toSorted(), [0, PATHS.length], 'all by the same one');
  for (const { url } of services)
    for (const region of REGIONS)
      t.match((await ask(`${url}/dashboards/reports?region=${region}`)).cacheStatus, 'hit');
  const late = await start();
  t.equal(await loadsOf(late), 0);
  t.match(await told(), [{ trigger: 'deploy', panels: PATHS.length, hits: PATHS.length, failed: 0 }], 'once');
});

t.test('given that the holder is killed, the other goes on where it was', async (t) => {
  const { upstream, barrier, start } = await world(t);
  const holder = await start();
  for (let each = 1; each <= 3; each++) {
    await barrier.arrived(each);
    barrier.letOne();
  }
  await barrier.arrived(4);
  const standby = await start();
  t.equal(upstream.asked.length, 4, 'while the holder lives nobody else begins');
  t.same(await warmings(standby), []);
  holder.signal('SIGKILL');
  await holder.ended;
  t.equal(upstream.asked.length, 4);
  barrier.open();
  t.ok(await until(async () => (await warmings(standby)).length === 1, { withinMs: 30_000 }));
  t.match(await warmings(standby), [
    { panels: PATHS.length, fresh: 3, loaded: 5, hits: PATHS.length, failed: 0 },
  ]);
});

t.test('given a holder that stops in order, the other goes on at once', async (t) => {
  const { barrier, start } = await world(t);
  const holder = await start();
  await barrier.arrived();
  const standby = await start();
  const stopped = holder.stop();
  await barrier.arrived(2);
  barrier.open();
  t.equal(await stopped, 0);
  t.ok(await until(async () => (await warmings(standby)).length === 1));
  t.match(await warmings(standby), [{ hits: PATHS.length }]);
});
