import { EventEmitter, once } from 'node:events';
import { Agent } from 'node:http';
import t, { type Test } from 'tap';
import { tagOf } from '../../services/panel-tags.js';
import { startRedis } from '../helpers/redis-server.js';
import { AUDIENCE, ISSUER, SECRET } from '../helpers/tokens.js';
import type { Answer, AskOptions } from './support/ask.js';
import { countersOf, statisticsOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { type ReadyApp, readyApp, readyOf } from './support/ready-app.js';
import { FAULTY, shopFolder, TTL_MS } from './support/shop.js';
import { bearer } from './support/test-credentials.js';
import { until } from './support/until.js';

const ORIGIN = 'https://dashboards.example';
const IDENTITY = { JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS256', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
const SHOP_TAG = tagOf({ kind: 'dashboard', name: 'shop' });
const pathOf = (site: number, more = '') => `/dashboards/shop/charts/by_day?site_id=${site}${more}`;

/** The answer, and what was done for it before the router. */
async function getCounted(service: ReadyApp, path: string, options?: AskOptions) {
  const before = [service.readCount(), service.handedOverCount()] as const;
  const answer = await service.get(path, options);
  const [read, handedOver] = [service.readCount() - before[0], service.handedOverCount() - before[1]];
  return { answer, read, handedOver };
}

/** Holds the next read of a panel until it is let go of. */
function heldRead({ app: { dashboardReader } }: ReadyApp) {
  const read = dashboardReader.read.bind(dashboardReader);
  const gate = new EventEmitter();
  let isReached = false;
  dashboardReader.read = async (request) => {
    dashboardReader.read = read;
    isReached = true;
    await once(gate, 'open');
    return read(request);
  };
  return { isReached: async () => isReached, letGo: () => gate.emit('open') };
}

/** How often a panel was read that was not fresh in memory. */
function readsCounted({ app: { dashboardReader } }: ReadyApp): () => number {
  const read = dashboardReader.read.bind(dashboardReader);
  let count = 0;
  dashboardReader.read = (request) => {
    count++;
    return read(request);
  };
  return () => count;
}

t.test(
  'what is read before the router is answered as every request is, to the byte and to the header',
  async (t) => {
    const clock = new HeldClock();
    const environment = { ...IDENTITY, CORS_ORIGINS: ORIGIN, RATE_LIMIT: '1000/s' };
    const service = await readyApp(t, { clock, environment });
    const { cache } = service.app.dashboardCache;
    const headers = { ...(await bearer(['reader'], 1)), origin: ORIGIN, 'accept-encoding': 'gzip, br' };
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => kept.destroy());
    const fresh = async () => {
      await cache.invalidate([SHOP_TAG], 'purge');
      await service.get(pathOf(1), { headers });
    };
    const states: Readonly<Record<string, () => Promise<unknown>>> = {
      'a miss': () => cache.invalidate([SHOP_TAG], 'purge'),
      'a stale hit': async () => {
        await fresh();
        clock.shift(TTL_MS + 1000);
      },
      'switched off': () => cache.switch(SHOP_TAG, false),
    };
    for (const [state, begin] of Object.entries(states))
      for (const agent of [kept, new Agent()]) {
        await begin();
        readyOf(service).forget();
        const usual = await getCounted(service, pathOf(1), { headers, agent });
        t.same([usual.read, usual.handedOver], [0, 0], `${state}: the way of every request`);
        await until(
          async () =>
            cache.switches().size > 0 ||
            (await service.get(pathOf(1), { headers })).cacheStatus.includes('ttl=6'),
        );
        await begin();
        const ready = await getCounted(service, pathOf(1), { headers, agent });
        t.same([ready.read, ready.handedOver], [1, 0], `${state}: read before the router`);
        t.same(alike(ready.answer), alike(usual.answer), state);
      }
  },
);

/** Each load has an instant of its own in its body, and so bytes and a tag of its own. */
function alike({ status, headers, text }: Answer) {
  const { date, etag, 'content-length': length, ...others } = headers;
  const hasAll = [date, etag, length].every((value) => typeof value === 'string');
  return { status, headers: others, hasAll, text: text.replace(/"generated_at":"[^"]+"/, '') };
}

t.test('given what another process has loaded, it is sent as Redis has it', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const environment = { REDIS_URL: redis.url };
  const [one, other] = [
    await readyApp(t, { folder, environment }),
    await readyApp(t, { folder, environment }),
  ];
  const br = { headers: { 'accept-encoding': 'br' } };
  const gzip = { headers: { 'accept-encoding': 'gzip' } };
  const loaded = new Map<number, Answer>();
  for (const site of [1, 2, 3, 4, 5]) loaded.set(site, await one.get(pathOf(site), br));
  // How such answers look is learned from the first of them.
  for (const options of [br, gzip, {}]) await other.get(pathOf(1), options);
  for (const [site, options] of [
    [2, br],
    [3, gzip],
    [4, {}],
  ] as const) {
    const { answer, read, handedOver } = await getCounted(other, pathOf(site), options);
    t.same([read, handedOver], [1, 0]);
    t.match(answer.cacheStatus, /hit; ttl=\d+; detail=l2$/);
    t.equal(answer.text, loaded.get(site)?.text);
    t.equal(answer.headers['content-encoding'], options.headers?.['accept-encoding']);
  }
  const tag = String(loaded.get(5)?.headers.etag);
  const held = { ...br.headers, 'if-none-match': `"other", ${tag}` };
  const { answer, read, handedOver } = await getCounted(other, pathOf(5), { headers: held });
  t.same([read, handedOver, answer.status, answer.headers.etag], [1, 0, 304, tag]);
});

t.test(
  'given a read that fails, it is told the way of every request, and nothing is asked or counted twice',
  async (t) => {
    const folder = await shopFolder(t, { 'faulty.yaml': FAULTY });
    const service = await readyApp(t, { folder, environment: { RATE_LIMIT: '7/h' } });
    const broken = (site: number) => `/dashboards/faulty/charts/broken?site_id=${site}`;
    t.equal((await service.get(broken(1))).status, 200);
    const readsCount = readsCounted(service);
    const { answer, read, handedOver } = await getCounted(service, broken(35));
    t.same([read, handedOver, readsCount()], [1, 1, 1]);
    t.equal(answer.status, 502);
    t.equal(answer.headers['content-type'], 'application/problem+json');
    t.equal(answer.headers['cache-status'], undefined);
    const counters = countersOf(await statisticsOf(service))['faulty/charts/broken'];
    t.match(counters, { total_requests: 2, misses: 1, errors: 1 });
    // The statistics were the third.
    for (let site = 2; site < 6; site++)
      t.equal((await service.get(broken(site))).status, 200, 'the fourth to the seventh');
    t.equal((await service.get(broken(6))).status, 429);
  },
);

t.test(
  'given a body of which it is not known how it is sent, the way of every request sends what was read',
  async (t) => {
    const service = await readyApp(t);
    const options = { headers: { 'accept-encoding': 'br' } };
    await service.get(pathOf(1), options);
    const small = '&period=2026-01-01/2026-01-02';
    const first = await getCounted(service, pathOf(1, small), options);
    t.same([first.read, first.handedOver], [1, 1], 'the first that is too small to be coded');
    t.equal(first.answer.headers['content-encoding'], undefined);
    t.match(first.answer.cacheStatus, 'fwd=uri-miss; stored');
    const next = await getCounted(service, pathOf(2, small), options);
    t.same([next.read, next.handedOver], [1, 0], 'the next');
    t.equal(next.answer.headers['content-encoding'], undefined);
    t.match(countersOf(await statisticsOf(service))['shop/charts/by_day'], { total_requests: 3, misses: 3 });
  },
);

t.test('given bytes that cannot be made, the way of every request says so, of the same read', async (t) => {
  const service = await readyApp(t);
  await service.get(pathOf(1));
  const { dashboardReader } = service.app;
  const read = dashboardReader.read.bind(dashboardReader);
  let readsCount = 0;
  dashboardReader.read = async (request) => {
    readsCount++;
    const answer = await read(request);
    const body = Object.create(answer.entry.body, {
      ready: { value: () => undefined },
      bytes: { value: () => Promise.reject(new Error('the stored bytes are cut')) },
    });
    return { ...answer, entry: { ...answer.entry, body } };
  };
  const { answer, read: readFirst, handedOver } = await getCounted(service, pathOf(2));
  t.same([readFirst, handedOver, readsCount, answer.status], [1, 1, 1, 500]);
  t.equal(answer.json()['code'], 'internal');
});

t.test('given a drain while it is read, the answer ends its connection', async (t: Test) => {
  const service = await readyApp(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  t.equal((await service.get(pathOf(1), { agent })).headers.connection, 'keep-alive');
  const held = heldRead(service);
  const answer = service.get(pathOf(2), { agent });
  await until(held.isReached);
  service.app.lifecycle.drain();
  held.letGo();
  t.equal((await answer).status, 200);
  t.equal((await answer).headers.connection, 'close');
  t.equal(service.readCount(), 1);
});

t.test('given a client that goes while it waits, the read is counted and the service goes on', async (t) => {
  const service = await readyApp(t);
  await service.get(pathOf(1));
  const held = heldRead(service);
  const leaving = new AbortController();
  const answer = service.get(pathOf(2), { signal: leaving.signal });
  await until(held.isReached);
  leaving.abort();
  await t.rejects(answer);
  held.letGo();
  const counted = async () =>
    countersOf(await statisticsOf(service))['shop/charts/by_day']?.total_requests === 2;
  t.ok(await until(counted));
  t.match((await service.get(pathOf(2))).cacheStatus, 'hit; ttl=');
});

t.test('requests on one connection are answered in their order, though the first has to wait', async (t) => {
  const service = await readyApp(t);
  for (let i = 0; i < 2; i++) await service.get(pathOf(1));
  const held = heldRead(service);
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  t.teardown(() => agent.destroy());
  const slow = service.get(pathOf(2), { agent });
  await until(held.isReached);
  const quick = await service.get(pathOf(1), { agent });
  t.match(quick.text, '"site_id":1');
  held.letGo();
  t.match((await slow).text, '"site_id":2');
});
