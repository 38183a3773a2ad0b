import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { CacheEvent } from '../../../services/events/events-schema.js';
import { HeldClock } from '../support/held-clock.js';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { shopFolder, TTL_MS } from '../support/shop.js';
import { tell } from '../support/two-processes.js';
import { until } from '../support/until.js';

const PATH = '/dashboards/shop/metrics?site_id=7';

async function events(service: ListeningApp, query = ''): Promise<CacheEvent[]> {
  const answer = await service.get(`/cache/events${query}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json<{ events: CacheEvent[] }>().events;
}

t.test('each load is told with its cause, and how it ended', async (t) => {
  const clock = new HeldClock();
  const service = await listeningApp(t, { folder: await shopFolder(t), clock });
  const newest = async () => (await events(service, '?kind=refresh&limit=1'))[0];
  const about = { kind: 'refresh', dashboard: 'shop', panel: 'metrics', tenant: '7', params: { site_id: 7 } };

  await service.get(PATH);
  t.match(await newest(), { ...about, cause: 'absent', outcome: 'loaded', code: null });
  clock.shift(TTL_MS);
  await service.get(PATH);
  t.ok(await until(async () => (await events(service, '?kind=refresh')).length === 2));
  t.match(await newest(), { ...about, cause: 'stale', outcome: 'loaded' });
  await tell(service, '/cache/invalidations', { body: { dashboard: 'shop', mode: 'expire' } });
  await service.get(PATH);
  t.ok(await until(async () => (await events(service, '?kind=refresh')).length === 3));
  t.match(await newest(), { ...about, cause: 'expired' });
  await tell(service, '/cache/invalidations', { body: { dashboard: 'shop' } });
  await service.get(PATH);
  t.match(await newest(), { ...about, cause: 'purged' });
  await tell(service, '/cache/invalidations', { body: { dashboard: 'shop' } });
  await tell(service, '/cache/warmings', { body: { dashboard: 'shop', panel: 'metrics', tenant: '7' } });
  t.match(await newest(), { ...about, cause: 'warming' });
  scriptSource(service.app).failWith = new DashcacheError('source_down');
  await service.get('/dashboards/shop/summary?site_id=7');
  t.match(await newest(), { panel: 'summary', cause: 'absent', outcome: 'failed', code: 'source_down' });
});

t.test('invalidations, switches, new roots and reloads', async (t) => {
  const folder = await shopFolder(t);
  const service = await listeningApp(t, { folder });
  await tell(service, '/cache/invalidations', { body: { table: 'sales', mode: 'expire', tenant: '7' } });
  await tell(service, '/cache/switch', {
    method: 'PUT',
    body: { enabled: false, dashboard: 'shop', panel: 'charts/by_day' },
  });
  await tell(service, '/cache/switch', {
    method: 'PUT',
    body: { enabled: true, dashboard: 'shop', panel: 'charts/by_day' },
  });
  t.match(await events(service, '?kind=switch'), [
    { enabled: true, dashboard: 'shop', panel: 'charts/by_day' },
    { enabled: false, dashboard: 'shop', panel: 'charts/by_day' },
  ]);
  t.match(await events(service, '?kind=invalidation'), [
    {
      mode: 'purge',
      cause: 'switch',
      scopes: [{ scope: 'panel', name: 'shop/charts/by_day', tenant: null }],
    },
    {
      mode: 'expire',
      cause: 'request',
      taken: true,
      scopes: [{ scope: 'table', name: 'sales', tenant: '7' }, {}, {}],
    },
  ]);
  t.match(await events(service, '?kind=new_root'), [{ cause: 'first' }]);

  writeFileSync(join(folder, 'prices.csv'), 'article,price\nbread,5\n');
  t.ok(
    await until(async () =>
      (await events(service, '?kind=invalidation&limit=1')).some(
        (e) => e.kind === 'invalidation' && e.cause === 'table',
      ),
    ),
    'replaced data',
  );
  writeFileSync(join(folder, 'extra.yaml'), 'id: extra\nsource: main\nmetrics: { query: SELECT 1 AS one }\n');
  t.ok(await until(async () => (await events(service, '?kind=reload')).length > 0));
  t.match((await events(service, '?kind=reload'))[0], { outcome: 'taken' });
  writeFileSync(join(folder, 'extra.yaml'), 'id: [\n');
  t.ok(
    await until(async () =>
      JSON.stringify(await events(service, '?kind=reload&limit=1')).includes('refused'),
    ),
  );
});

t.test('kinds and counts that there are not', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  for (const query of [
    '?kind=x',
    '?limit=0',
    '?limit=x',
    '?limit=2501',
    '?limit=1.5',
    '?x=1',
    '?kind=switch&kind=reload',
  ])
    t.match(
      (await service.get(`/cache/events${query}`)).json(),
      { status: 400, code: 'parameters_invalid' },
      query,
    );
});
