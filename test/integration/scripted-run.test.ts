import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { ReadLayer, ReadOutcome } from '../../services/statistics/recorder.js';
import { Barrier } from '../helpers/barrier.js';
import { startRedis } from '../helpers/redis-server.js';
import { countersOf, countersOfPrometheus, onlyCounters, statisticsOf, sumOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { listeningApp } from './support/listening-app.js';
import { type Actor, type Reads, Script } from './support/script.js';
import { scriptSource } from './support/scripted-source.js';
import { FAULTY, GRACE_MS, SHOP_PANELS, shopFolder, TTL_MS } from './support/shop.js';
import { until } from './support/until.js';

const REQUESTS_COUNT = 1000;

const shop = (panel: string, site: number) => `/dashboards/shop/${panel}?site_id=${site}`;
const one = (panel: string, outcome: ReadOutcome, layer: ReadLayer): Reads => [
  [`shop/${panel}`, outcome, layer],
];
const all = (outcome: ReadOutcome, layer: ReadLayer): Reads =>
  SHOP_PANELS.map((panel) => [`shop/${panel}`, outcome, layer] as const);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

t.test(
  '1,000 requests with a known mix: every counter is exact, per panel and in sum, wherever it is told',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const clock = new HeldClock();
    const folder = await shopFolder(t, { 'faulty.yaml': FAULTY });
    const actor = async (environment: Record<string, string> = {}): Promise<Actor> => {
      const listening = await listeningApp(t, {
        folder,
        clock,
        environment: { REDIS_URL: redis.url, ...environment },
      });
      return { ...listening, source: scriptSource(listening.app) };
    };
    const first = await actor();
    const second = await actor();
    const off = await actor({ CACHE_ENABLED: 'false' });
    const script = new Script(t);

    await freshReads(script, first, second);
    await refusals(script, first);
    await collapses(script, first);
    await failures(script, first, clock);
    await staleReads(script, { first, second, clock });
    await bypasses(script, off);
    const restCount = REQUESTS_COUNT - script.sentCount;
    t.ok(restCount > 0, `the script leaves room: ${restCount}`);
    await script.send(first, shop('metrics', 1), { count: restCount, reads: one('metrics', 'hit', 'l1') });

    await t.test('the books of the script hold every kind of read', (t) => {
      const sum = sumOf(script.expected);
      t.equal(script.sentCount, REQUESTS_COUNT);
      for (const [name, count] of Object.entries(sum))
        if (name !== 'unproven_hits') t.ok(count > 10, `${name}: ${count}`);
      t.comment(JSON.stringify(sum));
      t.end();
    });
    await compareAll(t, script, [first, second, off]);
  },
);

/** Statistics and Prometheus of all processes against the books. */
async function compareAll(t: Test, script: Script, actors: readonly [Actor, Actor, Actor]): Promise<void> {
  const bodies = [];
  // Each writes its own figures when it is asked; the one asked last has them all.
  for (const actor of actors) bodies.push(await statisticsOf(actor));
  const body = bodies.at(-1);
  const texts = await Promise.all(actors.map(async (actor) => (await actor.get('/metrics')).text));
  const sum = sumOf(script.expected);

  await t.test('statistics: per panel, in sum, and by process', (t) => {
    t.same(body && countersOf(body), script.expected);
    t.same(body && onlyCounters(body.cache_stats), sum);
    t.equal(body?.processes.length, 3);
    const processes = Object.fromEntries(
      (body?.processes ?? []).map((each) => [each.id, onlyCounters(each)]),
    );
    t.same(sumOf(processes), sum, 'the processes add up too');
    t.same(body?.latency && [body.latency.l1.count, body.latency.l2.count, body.latency.source.count], [
      script.latencies.l1,
      script.latencies.l2,
      script.latencies.source,
    ]);
    t.end();
  });
  await t.test('requests = hits + misses + bypasses + errors, everywhere', (t) => {
    const told = [...Object.values(script.expected), ...(body?.panels ?? []), ...(body?.processes ?? [])];
    for (const c of told) t.equal(c.total_requests, c.hits + c.misses + c.bypasses + c.errors);
    const rate = Math.round((10_000 * sum.hits) / (sum.hits + sum.misses)) / 100;
    t.equal(body?.cache_stats.hit_rate, rate);
    t.end();
  });
  await t.test('Prometheus: the same to the unit', (t) => {
    t.same(countersOfPrometheus(texts), script.expected);
    t.end();
  });
  await t.test('the queries of the source: as many as passed the script', (t) => {
    const passedCount = actors.reduce((count, { source }) => count + source.passedCount, 0);
    t.equal(body?.sources.find(({ name }) => name === 'main')?.queries, passedCount);
    const samples = texts.flatMap((text) => [
      ...text.matchAll(/^dashcache_source_queries_total\{.*\} (\d+)$/gm),
    ]);
    t.equal(
      samples.reduce((count, [, value]) => count + Number(value), 0),
      passedCount,
    );
    t.end();
  });
}

/** Misses, hits of both layers, 304, HEAD and whole dashboards. */
async function freshReads(script: Script, first: Actor, second: Actor): Promise<void> {
  for (const panel of ['metrics', 'charts/by_day'])
    for (const site of upTo(10)) {
      await script.send(first, shop(panel, site), { reads: one(panel, 'miss', 'source') });
      await script.send(first, shop(panel, site), { count: 12, reads: one(panel, 'hit', 'l1') });
    }
  for (const site of upTo(10)) {
    await script.send(second, shop('metrics', site), { reads: one('metrics', 'hit', 'l2') });
    await script.send(second, shop('metrics', site), { count: 3, reads: one('metrics', 'hit', 'l1') });
  }
  const reads = one('charts/by_day', 'hit', 'l1');
  await script.send(first, shop('charts/by_day', 3), {
    count: 30,
    status: 304,
    headers: { 'if-none-match': '*' },
    reads,
  });
  await script.send(first, shop('charts/by_day', 4), { count: 20, method: 'HEAD', reads });
  for (const site of upTo(5)) {
    const warm = [...one('metrics', 'hit', 'l1'), ...one('charts/by_day', 'hit', 'l1')];
    const cold = [...one('charts/by_kind', 'miss', 'source'), ...one('summary', 'miss', 'source')];
    await script.send(first, `/dashboards/shop?site_id=${site}`, { reads: [...warm, ...cold] });
    await script.send(first, `/dashboards/shop?site_id=${site}`, { count: 4, reads: all('hit', 'l1') });
    await script.send(first, `/dashboards/shop?site_id=${site}`, {
      count: 2,
      status: 304,
      headers: { 'if-none-match': '*' },
      reads: all('hit', 'l1'),
    });
  }
}

/** What counts nowhere: 400, 404, 405, the catalogue, options, and operation. */
async function refusals(script: Script, first: Actor): Promise<void> {
  for (const query of [
    '',
    '?site_id=',
    '?site_id=x',
    '?site_id=1&site_id=2',
    '?site_id=1&more=2',
    '?site_id=0',
  ])
    for (const panel of ['/metrics', '/charts/by_day', ''])
      await script.send(first, `/dashboards/shop${panel}${query}`, { count: 2, status: 400 });
  for (const path of [
    '/none',
    '/dashboards/none',
    '/dashboards/shop/charts/none?site_id=1',
    '/dashboards/none/summary',
  ])
    await script.send(first, path, { count: 5, status: 404 });
  await script.send(first, shop('metrics', 1), { count: 4, method: 'POST', status: 405 });
  for (const path of [
    '/dashboards',
    '/dashboards/shop/options/site_id',
    '/health/ready',
    '/reports/cache-statistics',
  ])
    await script.send(first, path, { count: 3 });
}

/** Readers who find a load under way: of single panels, and of whole dashboards panel by panel. */
async function collapses(script: Script, first: Actor): Promise<void> {
  for (const site of [11, 12, 13]) {
    const joined = upTo(19).map(() => one('charts/by_kind', 'collapsed', 'source'));
    const reads = [one('charts/by_kind', 'miss', 'source'), ...joined];
    await script.sendTogether(first, shop('charts/by_kind', site), { reads });
  }
  const reads = [all('miss', 'source'), all('collapsed', 'source'), all('collapsed', 'source')];
  await script.sendTogether(first, '/dashboards/shop?site_id=14', { reads });
}

/** A query that its data break, and failures that are shared for a second. */
async function failures(script: Script, first: Actor, clock: HeldClock): Promise<void> {
  const broken = '/dashboards/faulty/charts/broken?site_id=31';
  const reads: Reads = [['faulty/charts/broken', 'error', 'source']];
  await script.send(first, broken, { count: 10, status: 502, reads });
  clock.shift(1500);
  await script.send(first, broken, { count: 2, status: 502, reads });
  await script.sendTogether(first, '/dashboards/faulty/charts/broken?site_id=32', {
    status: 502,
    reads: [reads, reads, reads],
  });
  const half: Reads = [...reads, ['faulty/summary', 'miss', 'source']];
  await script.send(first, '/dashboards/faulty?site_id=33', { reads: half });
  await script.send(first, '/dashboards/faulty?site_id=33', {
    reads: [...reads, ['faulty/summary', 'hit', 'l1']],
  });
}

/** Stale within grace from both layers, then stale-if-error, after which everything is loaded anew. */
async function staleReads(
  script: Script,
  { first, second, clock }: { first: Actor; second: Actor; clock: HeldClock },
): Promise<void> {
  clock.shift(TTL_MS);
  const renewing = new Barrier();
  first.source.barrier = renewing;
  second.source.barrier = renewing;
  for (const site of [1, 2, 3]) {
    await script.send(first, shop('metrics', site), { count: 8, reads: one('metrics', 'stale_hit', 'l1') });
    await script.send(second, shop('charts/by_day', site), {
      reads: one('charts/by_day', 'stale_hit', 'l2'),
    });
    await script.send(second, shop('charts/by_day', site), {
      count: 2,
      reads: one('charts/by_day', 'stale_hit', 'l1'),
    });
  }
  await script.send(first, '/dashboards/shop?site_id=3', { count: 3, reads: all('stale_hit', 'l1') });
  const writes = async (actor: Actor) => (await statisticsOf(actor)).process.events['l2_writes'] ?? 0;
  const before = (await writes(first)) + (await writes(second));
  first.source.barrier = null;
  second.source.barrier = null;
  renewing.open();
  // metrics and a chart of three sites, and the two other panels of the dashboard; what both want, one of them refreshes
  await until(async () => (await writes(first)) + (await writes(second)) >= before + 8);
  await script.send(first, shop('metrics', 1), { count: 2, reads: one('metrics', 'hit', 'l1') });
  await script.send(second, shop('charts/by_day', 2), { count: 2, reads: one('charts/by_day', 'hit', 'l1') });

  clock.shift(TTL_MS + GRACE_MS);
  first.source.failWith = new DashcacheError('source_down');
  for (const site of [4, 5])
    await script.send(first, shop('metrics', site), { count: 8, reads: one('metrics', 'error_hit', 'l1') });
  await script.send(first, shop('metrics', 30), {
    count: 4,
    status: 503,
    reads: one('metrics', 'error', 'source'),
  });
  first.source.failWith = null;
  clock.shift(1500);
  // In Redis the error is shared by Redis' own clock.
  await sleep(1100);
  await script.send(first, shop('metrics', 4), { reads: one('metrics', 'miss', 'source') });
  await script.send(first, shop('metrics', 1), { reads: one('metrics', 'miss', 'source') });
}

/** Reads beside the cache, alone, together and failing. */
async function bypasses(script: Script, off: Actor): Promise<void> {
  await script.send(off, shop('metrics', 1), { count: 15, reads: one('metrics', 'bypass', 'source') });
  await script.send(off, '/dashboards/shop?site_id=2', { count: 5, reads: all('bypass', 'source') });
  const reads = upTo(10).map(() => one('summary', 'bypass', 'source'));
  const before = off.source.askedCount;
  await script.sendTogether(off, shop('summary', 3), { reads });
  if (off.source.askedCount !== before + 1)
    throw new Error('Readers beside the cache did not share one load');
  await script.send(off, '/dashboards/faulty/charts/broken?site_id=35', {
    count: 3,
    status: 502,
    reads: [['faulty/charts/broken', 'error', 'source']],
  });
}
