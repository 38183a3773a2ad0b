import t from 'tap';
import type { Entries } from '../../../services/explain/entries-schema.js';
import { startRedis } from '../../helpers/redis-server.js';
import { HeldClock } from '../support/held-clock.js';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { GRACE_MS, SHOP_PANELS, shopFolder, TTL_MS } from '../support/shop.js';
import { tell } from '../support/two-processes.js';

const PATH = '/dashboards/shop/metrics?site_id=7';

async function explain(service: ListeningApp, url: string): Promise<Entries> {
  const answer = await service.get(`/cache/entries?url=${encodeURIComponent(url)}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json<Entries>();
}

t.test('one panel through its life, in memory and in Redis', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const clock = new HeldClock();
  const environment = { REDIS_URL: redis.url };
  const service = await listeningApp(t, { folder, environment, clock });
  const other = await listeningApp(t, { folder, environment, clock });
  const source = scriptSource(service.app);
  const entry = async (at = service) => (await explain(at, PATH)).entries[0];

  t.match(await entry(), { state: 'absent', found_in: null, l1: null, l2: null });
  t.equal(source.askedCount, 0, 'looking loads nothing');
  await service.get(PATH);
  clock.shift(12_000);
  t.match(await entry(), {
    panel: 'metrics',
    state: 'fresh',
    found_in: 'l1',
    age_ms: 12_000,
    params: { site_id: 7, period: '2026-01-01T00:00:00Z/2026-07-01T00:00:00Z' },
    policy: { ttl_ms: TTL_MS, ttl_origin: 'dashcache.yaml' },
    source: 'main',
    tables: ['sales'],
    tables_verdict: 'exact',
    key: { dashboard: 'shop', panel: 'metrics', tenant: '7', redis_key: /^dc:\{.+\}:v$/ },
    l1: { state: 'fresh', age_ms: 12_000 },
    l2: { state: 'fresh', age_ms: 12_000 },
  });
  t.match(await entry(other), { state: 'fresh', found_in: 'l2', l1: null });
  t.match(await entry(other), { found_in: 'l2', l1: null }, 'and looking moved nothing into memory');

  clock.shift(TTL_MS);
  t.match(await entry(), { state: 'stale', found_in: 'l1', reason: /its ttl was over/ });
  clock.shift(GRACE_MS);
  t.match(await entry(), { state: 'stale', found_in: null, reason: /only while the source fails/ });
  await service.get(PATH);
  await tell(service, '/cache/invalidations', { body: { dashboard: 'shop', mode: 'expire' } });
  t.match(await entry(), { state: 'stale', found_in: 'l1', reason: /an expire/ });
  await tell(service, '/cache/invalidations', { body: { dashboard: 'shop', wait: false } });
  t.match(await entry(), { state: 'gone', found_in: null, reason: /purged/ });
  await tell(service, '/cache/switch', { method: 'PUT', body: { enabled: false, dashboard: 'shop' } });
  t.match(await entry(), { enabled: false, reason: /switched off/ });
});

t.test('a whole dashboard, the choices, whole URLs and a base path', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t), environment: { BASE_PATH: '/dash' } });
  const explained = async (url: string) => {
    const answer = await service.get(`/dash/cache/entries?url=${encodeURIComponent(url)}`);
    return answer.json<Entries>();
  };
  const whole = await explained('https://intranet.example/dash/dashboards/shop?site_id=7');
  t.match(whole, { url: '/dashboards/shop?site_id=7', dashboard: 'shop', tenant: '7' });
  t.same(
    whole.entries.map(({ panel }) => panel),
    SHOP_PANELS,
  );
  const choices = await explained('/dashboards/shop/options/site_id');
  t.match(choices, {
    tenant: null,
    entries: [{ panel: 'options/site_id', policy: { ttl_origin: 'options' } }],
  });
});

t.test('what is wrong with the address is said', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  const REFUSED: readonly [query: string, status: number, expected: object][] = [
    ['', 400, { code: 'parameters_invalid', errors: [{ parameter: 'url' }] }],
    ['?url=', 400, { code: 'parameters_invalid', errors: [{ parameter: 'url' }] }],
    ['?url=/metrics', 400, { errors: [{ parameter: 'url' }] }],
    ['?url=/dashboards/shop/metrics&x=1', 400, { code: 'parameters_invalid' }],
    ['?url=/dashboards/shops', 404, { code: 'dashboard_unknown', detail: /shop/ }],
    ['?url=/dashboards/shop/charts/x', 404, { code: 'panel_unknown' }],
    ['?url=/dashboards/shop/metrics', 400, { errors: [{ parameter: 'site_id' }] }],
  ];
  for (const [query, status, expected] of REFUSED) {
    const answer = await service.get(`/cache/entries${query}`);
    t.equal(answer.status, status, query);
    t.match(answer.json(), expected, query);
  }
});
