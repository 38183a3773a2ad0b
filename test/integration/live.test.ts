import { appendFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Barrier } from '../helpers/barrier.js';
import { startRedis } from '../helpers/redis-server.js';
import { countersOf, statisticsOf } from './support/counters.js';
import type { ListeningApp } from './support/listening-app.js';
import { liveReader } from './support/live-reader.js';
import { scriptSource } from './support/scripted-source.js';
import { until } from './support/until.js';
import { VersionedReports } from './support/versioned-reports.js';

const LIVE = '/dashboards/reports/live?tenant=1';
const METRICS = ['panel', 'metrics'] as const;
const SUMMARY = ['panel', 'summary'] as const;

async function reports(
  t: Test,
  environment: Readonly<Record<string, string>> = {},
): Promise<ListeningApp & { world: VersionedReports; change(how?: object): Promise<void> }> {
  const world = await VersionedReports.start(t, { tenantsCount: 2 });
  const service = await world.app(t, environment);
  return { ...service, world, change: (how = {}) => change(service, world, how) };
}

/** Other data at the source, and everybody is told. */
async function change(service: ListeningApp, world: VersionedReports, how: object): Promise<void> {
  world.version++;
  const body = { tags: ['nightly'], mode: 'expire', ...how };
  const { status } = await service.get('/cache/invalidations', { method: 'POST', body });
  if (status !== 200) throw new Error(`The invalidation was answered ${status}`);
}

t.test(
  'a reader who comes is sent every panel, and later each when its content changes, by one load for all',
  async (t) => {
    const { url, world, change, ...service } = await reports(t);
    const readers = await Promise.all(Array.from({ length: 50 }, () => liveReader(t, url + LIVE)));
    for (const reader of readers) {
      t.equal(reader.status, 200);
      await reader.has(t, 1, METRICS);
      await reader.has(t, 1, SUMMARY);
    }
    const [first] = readers;
    t.match(first?.headers, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const plain = await service.get('/dashboards/reports/metrics?tenant=1');
    const [sent] = first?.of(...METRICS) ?? [];
    t.same(sent?.data.body, plain.json(), 'the body of the panel');
    t.equal(sent?.data.etag, plain.headers.etag);
    t.match(sent?.data.freshness, { outcome: /^(miss|collapsed|hit)$/, age: 0, layer: /./, stale_at: /Z$/ });
    const before = world.upstream.callsOf('/1');

    for (const mode of ['expire', 'purge']) {
      await change({ mode });
      for (const reader of readers) {
        await reader.has(t, world.version, METRICS);
        await reader.has(t, world.version, SUMMARY);
        t.equal(reader.of(...METRICS).at(-1)?.data.body?.data['version'], world.version, mode);
      }
    }
    t.equal(world.upstream.callsOf('/1') - before, 4, 'two panels, two changes');
    t.ok(
      readers.every((reader) => reader.of(...METRICS).length === 3),
      'nothing is sent twice',
    );
  },
);

t.test('first reads count as those of a dashboard, what follows counts nowhere', async (t) => {
  const service = await reports(t);
  const readers = [await liveReader(t, service.url + LIVE)];
  await readers[0]?.has(t, 1, SUMMARY);
  await readers[0]?.has(t, 1, METRICS);
  readers.push(await liveReader(t, service.url + LIVE));
  await readers[1]?.has(t, 1, SUMMARY);
  await readers[1]?.has(t, 1, METRICS);
  const counted = async () => countersOf(await statisticsOf(service));
  t.ok(await until(async () => (await counted())['reports/metrics']?.hits === 1));
  await service.change();
  for (const reader of readers) await reader.has(t, 2, METRICS);
  t.match((await counted())['reports/metrics'], { hits: 1, misses: 1, errors: 0, bypasses: 0 });
  t.match((await service.get('/metrics')).text, /^dashcache_live_readers 2$/m);
});

t.test(
  'who comes back with the id of his last event is sent only what differs, by any process',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const environment = { REDIS_URL: redis.url };
    const service = await reports(t, environment);
    const other = await service.world.app(t, environment);
    const reader = await liveReader(t, service.url + LIVE);
    await reader.has(t, 1, METRICS);
    await reader.has(t, 1, SUMMARY);
    const lastId = reader.lastId;
    t.match(lastId, /^[\w-]{1,1608}$/);

    const same = await liveReader(t, other.url + LIVE, { lastId });
    await service.change();
    await same.has(t, 1, METRICS);
    await same.has(t, 1, SUMMARY);
    t.ok(
      same.of(...METRICS).every(({ data }) => data.body?.data['version'] === 2),
      'nothing that he had',
    );
    await reader.has(t, 2, METRICS);
    await reader.has(t, 2, SUMMARY);
    const later = await liveReader(t, service.url + LIVE, { lastId: same.of('panel')[0]?.id ?? '' });
    const panel = same.of('panel')[0]?.data.panel === 'metrics' ? SUMMARY : METRICS;
    await later.has(t, 1, panel);
    t.equal(later.of('panel').length, 1, 'the other panel alone');

    for (const strange of ['x', 'AAAA'.repeat(2000), lastId.slice(4)]) {
      const lost = await liveReader(t, service.url + LIVE, { lastId: strange });
      await lost.has(t, 1, METRICS);
      await lost.has(t, 1, SUMMARY);
    }
  },
);

t.test('a tenant is sent his own data only, and what is asked wrongly is a problem', async (t) => {
  const { url, get } = await reports(t);
  const readers = await Promise.all(
    [1, 2].map((tenant) => liveReader(t, `${url}/dashboards/reports/live?tenant=${tenant}`)),
  );
  for (const [index, reader] of readers.entries()) {
    await reader.has(t, 1, METRICS);
    t.equal(reader.of('panel')[0]?.data.body?.data['tenant'], index + 1);
  }
  for (const [path, status] of [
    ['/dashboards/reports/live', 400],
    ['/dashboards/reports/live?tenant=x', 400],
    ['/dashboards/none/live', 404],
  ] as const) {
    const refused = await get(path);
    t.equal(refused.status, status, path);
    t.equal(refused.headers['content-type'], 'application/problem+json');
  }
  const head = await get(LIVE, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.match(head.headers['content-type'], 'text/event-stream');
});

t.test('a source that fails is a problem of its panel, and its recovery is sent', async (t) => {
  const service = await reports(t);
  service.world.upstream.on('/2', (_request, response) => response.writeHead(500).end());
  const reader = await liveReader(t, `${service.url}/dashboards/reports/live?tenant=2`);
  await reader.has(t, 1, ['problem', 'metrics']);
  t.match(reader.of('problem')[0]?.data, { problem: { code: /^source_/, status: /^50/ } });
  t.equal(reader.of('problem', 'metrics').length, 1, 'once');
  const { lastId } = reader;
  const again = await liveReader(t, `${service.url}/dashboards/reports/live?tenant=2`, { lastId });
  await again.has(t, 1, ['problem', 'metrics']);
});

t.test(
  'one who takes nothing holds up nobody, and of a panel only the last state waits for him',
  async (t) => {
    const service = await reports(t);
    // Larger than what lies between the two ends of a connection.
    const note = 'x'.repeat(2_000_000);
    service.world.upstream.on('/1', (_request, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ version: service.world.version, tenant: 1, note })),
    );
    const slow = await liveReader(t, service.url + LIVE);
    slow.response.pause();
    const quick = await liveReader(t, service.url + LIVE);
    await quick.has(t, 1, METRICS);
    await quick.has(t, 1, SUMMARY);
    for (let changes = 0; changes < 4; changes++) {
      await service.change();
      await quick.has(t, service.world.version, METRICS);
      await quick.has(t, service.world.version, SUMMARY);
    }
    t.ok(slow.of('panel').length < 3, 'control: he was held up');
    slow.response.resume();
    const last = () => slow.of(...METRICS).at(-1)?.data.body?.data['version'];
    t.ok(await until(() => last() === service.world.version));
    t.ok(slow.of(...METRICS).length <= 3, `${slow.of(...METRICS).length} of 5 states`);
  },
);

t.test('a load that is held is waited for by everybody, and holds up no other panel', async (t) => {
  const service = await reports(t);
  const barrier = new Barrier();
  t.teardown(() => barrier.open());
  const source = scriptSource(service.app, 'legacy');
  source.barrier = barrier;
  const readers = await Promise.all([1, 2, 3].map(() => liveReader(t, service.url + LIVE)));
  await barrier.arrived(2);
  t.equal(readers[0]?.status, 200, 'the stream is open before anything is loaded');
  t.equal(source.askedCount, 2, 'each panel is asked for once');
  barrier.letOne();
  for (const reader of readers) await reader.has(t, 1, ['panel']);
  t.ok(readers.every((reader) => reader.of('panel').length === 1));
  barrier.open();
  for (const reader of readers) await reader.has(t, 2, ['panel']);
});

t.test('streams end, and say why: at a reload, and at once when the service stops', async (t) => {
  const service = await reports(t);
  const reader = await liveReader(t, service.url + LIVE);
  await reader.has(t, 1, SUMMARY);
  appendFileSync(join(service.world.folder, 'reports.yaml'), '# changed\n');
  await service.app.definitions.reload();
  await reader.has(t, 1, ['end']);
  t.equal(reader.of('end')[0]?.data.reason, 'reload');
  t.ok(await until(() => reader.isOver && service.app.live.readersCount === 0));
  t.equal(service.app.live.questionsCount, 0);

  const later = await liveReader(t, service.url + LIVE);
  const stuck = createConnection(Number(new URL(service.url).port), '127.0.0.1');
  stuck.write(`GET ${LIVE} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  stuck.pause();
  stuck.on('error', () => {});
  t.teardown(() => stuck.destroy());
  await later.has(t, 1, SUMMARY);
  const stoppedInMs = await service.stop();
  await later.has(t, 1, ['end']);
  t.equal(later.of('end')[0]?.data.reason, 'drain');
  t.ok(stoppedInMs < 5000, `stopped in ${stoppedInMs} ms`);
});

t.test('while the service stops, a new reader is sent elsewhere', async (t) => {
  const service = await reports(t);
  service.app.lifecycle.drain();
  const { status, headers } = await service.get(LIVE);
  t.equal(status, 503);
  t.equal(headers['retry-after'], '5');
});
