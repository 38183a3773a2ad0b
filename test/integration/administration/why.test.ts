import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { PanelWhy, Why } from '../../../services/explain/why-schema.js';
import { Barrier } from '../../helpers/barrier.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { startRedis } from '../../helpers/redis-server.js';
import { HeldClock } from '../support/held-clock.js';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { SHOP, SITES_COUNT, shopFolder, TTL_MS } from '../support/shop.js';
import { tell } from '../support/two-processes.js';
import { until } from '../support/until.js';

const PATH = '/dashboards/shop/metrics?site_id=7';

async function why(service: ListeningApp, address = PATH): Promise<PanelWhy> {
  const answer = await service.get(`/cache/why?url=${encodeURIComponent(address)}`);
  if (answer.status !== 200) throw new Error(answer.text);
  const [first] = answer.json<Why>().panels;
  if (!first) throw new Error('Nothing is told');
  return first;
}

const textsOf = ({ story }: PanelWhy): string[] =>
  story.map(({ text }) => text.replace(/\b\d+ (ms|s)\b/, '<time>'));

t.test('from nothing to a hit, stale, purged, switched off: each with what made it so', async (t) => {
  const clock = new HeldClock();
  const service = await listeningApp(t, { folder: await shopFolder(t), clock });
  const invalidate = (body: object) => tell(service, '/cache/invalidations', { body });
  const BEGUN = 'the cache began: there was nothing in Redis or memory to go on with';

  const absent = await why(service);
  t.match(absent, {
    answer: 'miss',
    state: 'absent',
    because: `nothing is stored, and this process remembers no load of it; the last that touched it: ${BEGUN}`,
  });
  t.match(absent.refresh, {
    state: 'none',
    reason: 'None: the next read loads it.',
    stale_at: null,
    warmed_at: null,
  });
  t.same(textsOf(absent), [BEGUN]);

  await service.get(PATH);
  clock.shift(1000);
  const fresh = await why(service);
  t.match(fresh, {
    answer: 'hit',
    found_in: 'l1',
    state: 'fresh',
    because: /^loaded in .*, because nothing was stored; nothing has invalidated it since$/,
  });
  t.match(
    fresh.refresh.reason,
    /^None before its ttl ends in 9 min 59 s; .* because somebody has read it within the last minute\.$/,
  );
  t.match(fresh.story.at(-1)?.event, { kind: 'refresh', panel: 'metrics', tenant: '7', cause: 'absent' });

  await invalidate({ table: 'sales', mode: 'expire', tenant: '8' });
  t.match(await why(service), { state: 'fresh', because: /nothing has invalidated/ }, 'of another tenant');
  const source = scriptSource(service.app);
  source.failWith = new DashcacheError('source_down');
  await invalidate({ table: 'sales', mode: 'expire', tenant: '7' });
  const expired = await why(service);
  t.match(expired, {
    answer: 'hit',
    state: 'stale',
    because: /^expired: a call asked for it \(request [\w-]{36}\), table sales of tenant 7$/,
  });
  t.equal(expired.story.filter(({ event }) => event?.kind === 'invalidation').length, 1, 'only its own');

  await invalidate({ dashboard: 'shop' });
  t.match(await why(service), {
    answer: 'miss',
    state: 'gone',
    because: /^purged: a call asked for it \(request [\w-]{36}\), dashboard shop$/,
  });
  await service.get(PATH);
  t.match(
    textsOf(await why(service)).at(-1),
    'a load failed after <time> (source_down); it was begun because',
  );

  await tell(service, '/cache/switch', {
    method: 'PUT',
    body: { enabled: false, dashboard: 'shop', panel: 'metrics' },
  });
  const off = await why(service);
  t.match(off, {
    answer: 'bypass',
    enabled: false,
    because: 'the cache was switched off for metrics of shop',
  });
  t.equal(off.refresh.reason, 'None: the cache is switched off for it.');
  t.notMatch(textsOf(await why(service, '/dashboards/shop/summary?site_id=7')).join(), 'switched off');
});

t.test('a ttl that is over is no invalidation, and a load under way is told', async (t) => {
  const clock = new HeldClock();
  const service = await listeningApp(t, { folder: await shopFolder(t), clock });
  await service.get(PATH);
  clock.shift(TTL_MS + 61_000);
  t.match(await why(service), {
    answer: 'hit',
    state: 'stale',
    because: /^Stale for .* \(its ttl was over\)/,
    refresh: { reason: /^The next read brings one: nobody has read it within the last minute/ },
  });
});

t.test('replaced data: what was replaced where, then the expire that it made', async (t) => {
  const folder = await shopFolder(t);
  const service = await listeningApp(t, { folder });
  const prices = '/dashboards/prices/metrics';
  await service.get(prices);
  writeFileSync(join(folder, 'prices.csv'), 'article,price\nbread,5\n');
  t.ok(
    await until(async () => textsOf(await why(service, prices)).some((text) => text.startsWith('expired'))),
  );
  const texts = textsOf(await why(service, prices));
  const at = texts.indexOf('table prices of files: the data were replaced');
  t.ok(at >= 0);
  t.match(texts[at + 1], 'expired: data changed, table prices');
});

t.test('what another process loaded is told as such, and its invalidation is known', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const environment = { REDIS_URL: redis.url, TRUST_PROXY: 'true' };
  const first = await listeningApp(t, { folder, environment });
  const second = await listeningApp(t, { folder, environment });
  await first.get(PATH);
  const here = await why(first);
  const there = await why(second);
  t.match(here.because, /^loaded in/);
  t.match(there, { answer: 'hit', found_in: 'l2', because: /^loaded by another process/ });
  t.ok(there.story.some(({ event }) => event === null));
  const headers = { 'x-request-id': 'nightly-load:7' };
  await first.get('/cache/invalidations', { method: 'POST', headers, body: { table: 'sales' } });
  for (const service of [first, second])
    t.match(await why(service), {
      answer: 'miss',
      because: 'purged: a call asked for it (request nightly-load:7), table sales',
    });
});

t.test(
  'given a definition that a reload changed, what was loaded before is told as of an earlier one',
  async (t) => {
    const folder = await shopFolder(t);
    const service = await listeningApp(t, { folder });
    await service.get(PATH);
    writeFileSync(join(folder, 'shop.yaml'), SHOP.replace('count(*) AS sales, sum', 'count(*) AS sold, sum'));
    await service.app.definitions.reload();
    const changed = await why(service);
    t.match(changed, {
      answer: 'miss',
      because: 'nothing is stored since its definition changed: what was loaded before is of an earlier one',
    });
    t.match(textsOf(changed).slice(-2), [
      /^loaded in .*; by an earlier definition, whose entries are not read any more$/,
      'changed definitions came into force',
    ]);
    const summary = await why(service, '/dashboards/shop/summary?site_id=7');
    t.match(summary.because, /remembers no load of it/, 'and not what nobody has read');
    await service.get(PATH);
    t.match((await why(service)).because, /^loaded in .*nothing has invalidated it since$/);
  },
);

t.test(
  'given too little memory, what made room for others is told as such, and what was too old as that',
  async (t) => {
    const clock = new HeldClock();
    const service = await listeningApp(t, {
      ...{ folder: await shopFolder(t), clock, environment: { MEMORY_MAX_BYTES: '1MiB' } },
    });
    await service.get(PATH);
    const others = [1, 2, 3, 4, 5, 6].flatMap((month) =>
      Array.from(
        { length: SITES_COUNT },
        (_, index) =>
          `/dashboards/shop/charts/by_day?site_id=${index + 1}&period=2026-0${month}-01/2026-07-01`,
      ),
    );
    for (const path of others) await service.get(path);
    const newest = others.at(-1) ?? PATH;
    t.match(await why(service, newest), { answer: 'hit' }, 'control: the last is there');
    clock.shift(60_000);
    t.match(await why(service), {
      answer: 'miss',
      state: 'absent',
      because:
        /^nothing is stored: what was loaded 1 min ago could be kept for another 1 d, but made room for others/,
    });
    clock.shift(25 * 3_600_000);
    t.match(
      (await why(service)).because,
      /what was loaded 1 d 1 h ago is over: ttl, grace and stale_if_error/,
    );
    t.match(
      (await why(service, newest)).because,
      /^Too old: its ttl, grace and stale_if_error ended 51 min ago/,
    );
  },
);

t.test('given a source that fails, the last failure is told beside what is there', async (t) => {
  const clock = new HeldClock();
  const service = await listeningApp(t, { folder: await shopFolder(t), clock });
  const source = scriptSource(service.app);
  source.failWith = new DashcacheError('source_down');
  await service.get(PATH);
  clock.shift(3000);
  t.match(await why(service), {
    answer: 'miss',
    because:
      'nothing is stored, and this process remembers no load of it; its last load failed 3 s ago (source_down)',
  });
  source.failWith = null;
  await service.get(PATH);
  source.failWith = new DashcacheError('source_down');
  clock.shift(TTL_MS + 1000);
  await service.get(PATH);
  await service.app.dashboardCache.cache.settled();
  t.match(
    (await why(service)).because,
    /^Stale for .* \(its ttl was over\).*; its last load failed 0 ms ago/,
  );
});

t.test('given a load in another process, it is told that its lease is held', async (t) => {
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const environment = { REDIS_URL: redis.url };
  const first = await listeningApp(t, { folder, environment });
  const second = await listeningApp(t, { folder, environment });
  const source = scriptSource(first.app);
  const barrier = new Barrier();
  source.barrier = barrier;
  t.equal((await why(second)).refresh.state, 'none', 'control');
  const reading = first.get(PATH);
  await barrier.arrived();
  t.match((await why(first)).refresh, { state: 'running', reason: 'It is being loaded now.' });
  t.match((await why(second)).refresh, {
    state: 'running',
    reason:
      /^Another process has the lease to load it: its result is waited for\. If it has died, .* ends in/,
  });
  barrier.open();
  await reading;
  t.equal((await why(second)).refresh.state, 'none');
});

t.test(
  'given switches that went back and forth, the one that still holds is named; CACHE_ENABLED by its name',
  async (t) => {
    const folder = await shopFolder(t);
    const service = await listeningApp(t, { folder });
    const turn = (body: object) => tell(service, '/cache/switch', { method: 'PUT', body });
    await turn({ enabled: false, dashboard: 'shop' });
    await turn({ enabled: false });
    await turn({ enabled: true });
    t.match(await why(service), { answer: 'bypass', because: 'the cache was switched off for shop' });
    const off = await listeningApp(t, { folder, environment: { CACHE_ENABLED: 'false' } });
    t.match(await why(off), { answer: 'bypass', because: 'CACHE_ENABLED is false: no read uses the cache' });
  },
);

t.test('wrong addresses are refused as those of entries are', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  for (const [query, status] of [
    ['', 400],
    ['?url=x', 400],
    ['?url=%2Fdashboards%2Fshop', 400],
    ['?url=%2Fdashboards%2Fnone', 404],
  ] as const)
    t.equal((await service.get(`/cache/why${query}`)).status, status, query);
});
