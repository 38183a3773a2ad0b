import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { tagOf } from '../../services/panel-tags.js';
import { exchange } from '../fuzz/exchange.js';
import { readAnswers } from '../fuzz/read-answers.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { AUDIENCE, ISSUER, SECRET } from '../helpers/tokens.js';
import type { Answer } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { loggedApp } from './support/logged-app.js';
import { rawAnswers, rawRequest } from './support/raw-request.js';
import { asked, comparable, counted, readyApp, readyOf } from './support/ready-app.js';
import { SHOP, SHOP_PANELS, shopFolder, TTL_MS } from './support/shop.js';
import { bearer } from './support/test-credentials.js';
import { until } from './support/until.js';

const PANEL = '/dashboards/shop/charts/by_day?site_id=1';
const ORIGIN = 'https://dashboards.example';
const IDENTITY = { JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS256', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
const SHOP_TAG = tagOf({ kind: 'dashboard', name: 'shop' });
const API_KEY = 'a-key-of-site-1';

t.test(
  'an answer that was ready is the one that every request gets, to the byte and to the header',
  async (t) => {
    const service = await readyApp(t, {
      environment: { ...IDENTITY, CORS_ORIGINS: ORIGIN, RATE_LIMIT: '1000/s' },
    });
    const credential = await bearer(['reader'], 1);
    const paths = [
      PANEL,
      '/dashboards/shop?site_id=1',
      '/dashboards/shop/metrics?site_id=1',
      '/dashboards/prices',
    ];
    const heads = [{}, { origin: ORIGIN }, { origin: 'https://elsewhere.example' }];
    // Connections that are kept, where the head is written by hand, and such that are not.
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => kept.destroy());
    const codings = ['', 'gzip', 'gzip, deflate, br', 'identity;q=0, gzip'];
    for (const agent of [kept, new Agent()])
      for (const path of paths)
        for (const head of heads)
          for (const coding of codings) {
            const headers = { ...credential, ...head, ...(coding && { 'accept-encoding': coding }) };
            const { hit, ready, byReadyCount } = await asked(service, path, { headers });
            const what = JSON.stringify([path, head, coding]);
            t.same(byReadyCount, [0, 1], `ready: ${what}`);
            t.same(comparable(ready), comparable(hit), what);
            const tagged = { agent, headers: { ...headers, 'if-none-match': String(hit.headers.etag) } };
            const before = service.readyCount();
            const unchanged = await service.get(path, tagged);
            t.equal(service.readyCount(), before + 1);
            t.equal(unchanged.status, 304);
            t.equal(unchanged.bytes.length, 0);
            // The way of every request: a list of tags is more than is looked at.
            const listed = {
              agent,
              headers: { ...headers, 'if-none-match': `"other", ${hit.headers.etag}` },
            };
            t.same(comparable(unchanged), comparable(await service.get(path, listed)), `304 ${what}`);
          }
  },
);

t.test('Age and ttl go on with the clock, and Date with them', async (t) => {
  const clock = new HeldClock();
  const service = await readyApp(t, { clock });
  await asked(service, PANEL);
  for (const [shiftMs, age] of [
    [999, 0],
    [1, 1],
    [1500, 2],
    [500, 3],
    [60_000, 63],
  ] as const) {
    clock.shift(shiftMs);
    const before = service.readyCount();
    const ready = await service.get(PANEL);
    t.equal(service.readyCount(), before + 1, 'it was ready');
    t.equal(ready.headers.age, String(age));
    const list = await service.get(PANEL, { headers: { 'if-none-match': '"a", "b"' } });
    t.equal(service.readyCount(), before + 1, 'it was not ready');
    t.equal(ready.cacheStatus, list.cacheStatus);
  }
});

t.test('given what ends an entry, nothing is ready for the next read', async (t) => {
  const clock = new HeldClock();
  const service = await readyApp(t, { clock });
  const notByMemo = async (what: string, end: () => unknown, expected: RegExp) => {
    const { byReadyCount } = await asked(service, PANEL);
    t.equal(byReadyCount[1], 1, `${what}: it was ready before`);
    await end();
    const before = service.readyCount();
    t.match((await service.get(PANEL)).cacheStatus, expected, what);
    t.equal(service.readyCount(), before, `${what}: it was not ready`);
  };
  const { cache } = service.app.dashboardCache;
  await notByMemo('a purge', () => cache.invalidate([SHOP_TAG], 'purge'), /fwd=uri-miss/);
  await notByMemo('an expire', () => cache.invalidate([SHOP_TAG], 'expire'), /hit; ttl=-/);
  await until(async () => (await service.get(PANEL)).cacheStatus.includes('hit; ttl=6'));
  await notByMemo('its time', () => clock.shift(TTL_MS), /hit; ttl=-/);
  await until(async () => (await service.get(PANEL)).cacheStatus.includes('hit; ttl=6'));
  await notByMemo('the switch', () => cache.switch(tagOf({ kind: 'all' }), false), /fwd=bypass/);
  await cache.switch(tagOf({ kind: 'all' }), true);
});

t.test('given other definitions, what an address means is found out anew', async (t) => {
  const folder = await shopFolder(t);
  const service = await readyApp(t, { folder });
  const { ready } = await asked(service, '/dashboards/shop/summary?site_id=1');
  t.equal(ready.status, 200);
  writeFileSync(
    join(folder, 'shop.yaml'),
    SHOP.replace('SELECT name, city FROM', "SELECT name, 'now' AS city FROM"),
  );
  await service.app.definitions.reload();
  const before = service.readyCount();
  const after = await service.get('/dashboards/shop/summary?site_id=1');
  t.match(after.text, '"city":"now"');
  t.equal(service.readyCount(), before);
});

t.test('given a credential that is good no more, it is refused', async (t) => {
  const keysFile = join(tempFolder(t), 'keys.yaml');
  const hash = createHash('sha256').update(API_KEY).digest('hex');
  const keys = (roles: string) => `keys: [{ name: wall, sha256: ${hash}, tenants: [1], roles: [${roles}] }]`;
  writeFileSync(keysFile, keys('reader'));
  const clock = new HeldClock();
  const service = await readyApp(t, { clock, environment: { ...IDENTITY, API_KEYS_FILE: keysFile } });
  const byKey = { headers: { 'x-api-key': API_KEY } };
  t.same((await asked(service, PANEL, byKey)).byReadyCount, [0, 1]);
  const token = await bearer(['reader'], 1, 'somebody', 60);
  t.same((await asked(service, PANEL, { headers: token })).byReadyCount, [0, 1]);
  writeFileSync(keysFile, keys('scraper'));
  service.app.credentials?.reload();
  t.equal((await service.get(PANEL, byKey)).status, 403, 'the role of the key');
  writeFileSync(keysFile, 'keys: []');
  service.app.credentials?.reload();
  t.equal((await service.get(PANEL, byKey)).status, 401, 'the key');
  t.equal((await service.get(PANEL, { headers: token })).status, 200);
  clock.shift(61_000);
  t.equal((await service.get(PANEL, { headers: token })).status, 401, 'the token');
});

t.test('no credential, another one and several are answered as if nothing were ready', async (t) => {
  const service = await readyApp(t, { environment: IDENTITY });
  const { authorization } = await bearer(['reader'], 1);
  const other = await bearer(['reader'], 2);
  t.same((await asked(service, PANEL, { headers: { authorization } })).byReadyCount, [0, 1]);
  const before = service.readyCount();
  t.equal((await service.get(PANEL)).status, 401);
  t.equal((await service.get(PANEL, { headers: other })).status, 403);
  t.equal((await service.get(PANEL, { headers: { authorization, 'x-api-key': 'one' } })).status, 401);
  const lines = [`GET ${PANEL} HTTP/1.1`, 'Host: localhost', `Authorization: ${authorization}`];
  t.equal((await rawRequest(service.url, lines)).status, 200);
  t.equal(service.readyCount(), before + 1, 'byte for byte, it is the one that is ready');
  const more = [
    `Authorization: ${other.authorization}`,
    'Host: elsewhere',
    'Expect: nothing',
    'X-Api-Key: a',
  ];
  for (const line of more) {
    const { status } = await rawRequest(service.url, [...lines, line]);
    t.ok(status === 401 || status === 400, `${status}: ${line.slice(0, 20)}`);
  }
  const known = service.readyCount();
  const whole = [`GET http://localhost${PANEL} HTTP/1.1`, ...lines.slice(1)];
  for (let i = 0; i < 3; i++) t.equal((await rawRequest(service.url, whole)).status, 200);
  const elsewhere = [whole[0] ?? '', 'Host: elsewhere', ...lines.slice(2)];
  t.equal(
    (await rawRequest(service.url, elsewhere)).status,
    400,
    'a host that is not the one in the address',
  );
  t.equal(service.readyCount(), known, 'an address with a host is looked into each time');
  const head = await service.get(PANEL, { method: 'HEAD', headers: { authorization } });
  t.equal(head.status, 200);
  t.equal(head.bytes.length, 0);
  t.equal(service.readyCount(), before + 1);
});

t.test('an answer is ready for all who may have it, however they spell the question', async (t) => {
  const service = await readyApp(t, { environment: IDENTITY });
  const readyFor = async (path: string, headers: Record<string, string>, sent = PANEL) => {
    const before = service.readyCount();
    const answer = await service.get(path, { headers });
    t.equal(answer.status, 200);
    t.match(answer.text, `"params":{"site_id":${/site_id=(\d)/.exec(sent)?.[1]},`);
    return service.readyCount() === before + 1;
  };
  const one = await bearer(['reader'], 1);
  t.same((await asked(service, PANEL, { headers: one })).byReadyCount, [0, 1]);
  const other = await bearer(['reader'], [1, 2], 'another');
  t.notOk(await readyFor(PANEL, other), 'a token that is not verified yet');
  t.ok(await readyFor(PANEL, other));
  const spelled = '/dashboards/shop/charts/by_day?period=2026-01-01/2026-07-01&site_id=%31';
  t.ok(await readyFor(spelled, other), 'an address that nobody has asked');
  t.ok(await readyFor('/dashboards/shop/charts/by_day', one), 'the tenant left out');
  const stranger = await bearer(['reader'], 2, 'a stranger');
  for (let i = 0; i < 2; i++)
    t.equal((await service.get(PANEL, { headers: stranger })).status, 403, 'another tenant');
  const scraper = await bearer(['scraper'], 1, 'a scraper');
  for (let i = 0; i < 2; i++) t.equal((await service.get(PANEL, { headers: scraper })).status, 403);
  const ofTwo = PANEL.replace('1', '2');
  t.same((await asked(service, ofTwo, { headers: stranger })).byReadyCount, [0, 1]);
  t.ok(await readyFor('/dashboards/shop/charts/by_day', stranger, ofTwo), 'of whom it is left out by');
  for (let i = 0; i < 2; i++)
    t.equal((await service.get('/dashboards/shop/charts/by_day', { headers: other })).status, 400, 'which?');
});

t.test('a hit that was on its way while the definitions were replaced makes nothing ready', async (t) => {
  const folder = await shopFolder(t);
  const service = await readyApp(t, { folder });
  const summary = '/dashboards/shop/summary?site_id=1';
  const { dashboardCache } = service.app;
  const readyAnswers = readyOf(service);
  const learn = readyAnswers.learn.bind(readyAnswers);
  const held: Parameters<typeof learn>[] = [];
  readyAnswers.learn = (...learned) => held.push(learned);
  for (let i = 0; i < 2; i++) await service.get(summary);
  readyAnswers.learn = learn;
  const late = held.at(-1);
  if (!late) throw new Error('Nothing was learned');
  // As of a panel of which no tables are known: of the others other tags are asked for once they are replaced.
  const requests = new Map(
    late[1].question.reads.map((read) => [read, dashboardCache.service.requestOf(read)]),
  );
  const { service: reads } = dashboardCache;
  const requestOf = reads.requestOf.bind(reads);
  reads.requestOf = (read) => requests.get(read) ?? requestOf(read);
  const client = '  client: { max_age: 7s }\n';
  writeFileSync(join(folder, 'shop.yaml'), SHOP.replace('summary:\n', `summary:\n${client}`));
  await service.app.definitions.reload();
  learn(...late);
  t.match((await service.get(summary)).headers['cache-control'], 'max-age=7');
  t.equal(service.readyCount(), 0);
});

t.test('of one question a bounded number of looks is ready, whatever origins are named', async (t) => {
  const service = await readyApp(t);
  const isReadyFor = async (i: number) => {
    const before = service.readyCount();
    await service.get(PANEL, { headers: { origin: `https://site-${i}.example` } });
    return service.readyCount() > before;
  };
  await service.get(PANEL);
  for (let i = 0; i < 20; i++) t.notOk(await isReadyFor(i));
  t.ok(await isReadyFor(19), 'the last');
  t.notOk(await isReadyFor(0), 'the first');
});

t.test('a relative period is another one after its boundary', async (t) => {
  const clock = new HeldClock();
  const folder = await shopFolder(t, {
    'shop.yaml': SHOP.replace('default: 2026-01-01/2026-07-01', 'default: 24h, align: 1h'),
  });
  const service = await readyApp(t, { clock, folder });
  const periodOf = ({ text }: Answer) => (JSON.parse(text) as { params: { period: string } }).params.period;
  const { ready, byReadyCount } = await asked(service, PANEL);
  t.same(byReadyCount, [0, 1]);
  const [, end = ''] = periodOf(ready).split('/');
  clock.shift(Date.parse(end) - clock.nowMs() - 1);
  t.equal(periodOf(await service.get(PANEL)), periodOf(ready), 'until then');
  clock.shift(1);
  t.not(periodOf(await service.get(PANEL)), periodOf(ready), 'from then on');
});

t.test('a rate counts what is ready, and staff is given what they ask for', async (t) => {
  const limited = await readyApp(t, { environment: { RATE_LIMIT: '20/h' } });
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++) statuses.push((await limited.get(PANEL)).status);
  t.equal(limited.readyCount(), 18);
  t.same(statuses.slice(19), [200, 429, 429, 429, 429, 429]);
  const service = await readyApp(t, { environment: IDENTITY });
  const headers = await bearer(['staff'], 1);
  t.same((await asked(service, PANEL, { headers })).byReadyCount, [0, 1]);
  const reloaded = await service.get(PANEL, { headers: { ...headers, 'cache-control': 'no-cache' } });
  t.match(reloaded.cacheStatus, 'fwd=request');
});

t.test('reads of what is ready are counted and noted like all others', async (t) => {
  const service = await readyApp(t);
  for (let i = 0; i < 10; i++) await service.get('/dashboards/shop?site_id=1');
  t.equal(service.readyCount(), 8);
  const { panels, latency } = await statisticsOf(service);
  const counts = panels.map(({ total_requests, hits, misses }) => [total_requests, hits, misses]);
  t.same(
    counts.filter(([requests]) => requests !== 0),
    SHOP_PANELS.map(() => [10, 9, 1]),
  );
  t.equal(latency.l1.count, 36);
  t.equal(latency.dashboard.count, 10);
  const hottest = await service.app.observedReads.hottest('shop', 5);
  t.equal(hottest.length, 1);
});

t.test(
  'where requests are logged, and behind proxies, the line tells of it like of all others',
  async (t) => {
    const folder = await shopFolder(t);
    const environment = { TRUST_PROXY: '1' };
    const logged = await loggedApp(t, { folder, clock: new HeldClock(), environment });
    const service = { ...counted(logged), logText: logged.logText };
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'mine' };
    const { ready, byReadyCount } = await asked(service, PANEL, { headers });
    t.same(byReadyCount, [0, 1]);
    const linesOf = () =>
      service
        .logText()
        .split('\n')
        .filter((line) => line.includes('request completed'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    t.ok(await until(async () => linesOf().length >= 4));
    const lines = linesOf().slice(-2);
    const [hit, last] = lines.map(({ time, responseTime, req, ...line }) => ({
      ...line,
      isTimed: typeof time === 'number' && typeof responseTime === 'number',
      req: { ...(req as object), remotePort: 0 },
    }));
    t.same(last, hit);
    t.match(last, { bytes: ready.bytes.length, reqId: 'mine', req: { remoteAddress: '203.0.113.9' } });
  },
);

t.test(
  'requests that follow each other on one connection are answered in their order, whoever answers them',
  async (t) => {
    const service = await readyApp(t);
    await asked(service, PANEL);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    const paths = [PANEL, '/dashboards', PANEL, '/dashboards/none', PANEL, PANEL];
    const before = service.readyCount();
    const answers = await Promise.all(paths.map((path) => service.get(path, { agent })));
    t.same(
      answers.map(({ status }) => status),
      [200, 200, 200, 404, 200, 200],
    );
    t.equal(service.readyCount(), before + 4);
    t.equal(answers[0]?.headers.connection, 'keep-alive');
    t.equal(answers[0]?.headers['keep-alive'], answers[1]?.headers['keep-alive']);
    const both = [
      `GET /dashboards/shop/options/site_id HTTP/1.1`,
      'Host: localhost',
      '',
      `GET ${PANEL} HTTP/1.1`,
    ];
    const pipelined = await rawAnswers(service.url, [
      ...both,
      'Host: localhost',
      '',
      ...both,
      'Host: localhost',
    ]);
    t.same(
      pipelined.map(({ body }) => Object.keys(JSON.parse(body.toString()) as object)[0]),
      ['options', 'dashboard', 'options', 'dashboard'],
      'several at once',
    );
    const old = await rawRequest(service.url, [`GET ${PANEL} HTTP/1.0`, 'Host: localhost']);
    t.equal(old.status, 200);
    t.equal(service.readyCount(), before + 7);
  },
);

t.test('what cannot be read behind answers that are ready is refused after them', async (t) => {
  const service = await readyApp(t);
  await asked(service, PANEL);
  const port = Number(new URL(service.url).port);
  for (const count of [1, 3]) {
    const before = service.readyCount();
    const heads = `GET ${PANEL} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(count);
    const bytes = Buffer.from(`${heads}no request\r\n\r\n`);
    const { received } = await exchange({
      port,
      bytes,
      endsAtOnce: false,
      waitsForAnswer: true,
      boundMs: 5000,
    });
    t.same(
      readAnswers(received)?.map(({ status }) => status),
      [...Array(count).fill(200), 400],
    );
    t.equal(service.readyCount(), before + count);
  }
});

t.test('what is ready is bounded in bytes, whatever is asked', async (t) => {
  const service = await readyApp(t, { environment: { MEMORY_MAX_BYTES: '1MiB' } });
  // 64 KiB of it: six panels, and no whole dashboard beside them.
  const urls = Array.from(
    { length: 20 },
    (_, i) => `/dashboards/shop/metrics?site_id=1&period=${2000 + i}-01-01/2026-01-01`,
  );
  for (const url of urls) for (let i = 0; i < 2; i++) await service.get(url);
  let before = service.readyCount();
  for (const url of urls.slice(-3)) await service.get(url);
  t.equal(service.readyCount(), before + 3, 'the last ones are known');
  before = service.readyCount();
  await service.get(urls[0] ?? '');
  t.equal(service.readyCount(), before, 'the first is not');
});
