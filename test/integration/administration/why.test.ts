import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { PanelWhy, Why } from '../../../services/explain/why-schema.js';
import { startRedis } from '../../helpers/redis-server.js';
import { HeldClock } from '../support/held-clock.js';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { shopFolder, TTL_MS } from '../support/shop.js';
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
    because: `nothing is stored; the last that touched it: ${BEGUN}`,
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
    because: 'expired: somebody asked for it, table sales of tenant 7',
  });
  t.equal(expired.story.filter(({ event }) => event?.kind === 'invalidation').length, 1, 'only its own');

  await invalidate({ dashboard: 'shop' });
  t.match(await why(service), {
    answer: 'miss',
    state: 'gone',
    because: 'purged: somebody asked for it, dashboard shop',
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
  const environment = { REDIS_URL: redis.url };
  const first = await listeningApp(t, { folder, environment });
  const second = await listeningApp(t, { folder, environment });
  await first.get(PATH);
  const here = await why(first);
  const there = await why(second);
  t.match(here.because, /^loaded in/);
  t.match(there, { answer: 'hit', found_in: 'l2', because: /^loaded by another process/ });
  t.ok(there.story.some(({ event }) => event === null));
  await tell(first, '/cache/invalidations', { body: { table: 'sales' } });
  t.match(await why(second), { answer: 'miss', because: 'purged: somebody asked for it, table sales' });
});

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
