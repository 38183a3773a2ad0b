import t, { type Test } from 'tap';
import { prepareDemo } from '../../demo/prepare-demo.js';
import { startRedis } from '../helpers/redis-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import type { Answer } from './support/ask.js';
import { compressions } from './support/count-compressions.js';
import { statisticsOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { type ScriptedSource, scriptSource } from './support/scripted-source.js';
import { SHOP_PANELS, shopFolder } from './support/shop.js';

const CODINGS = ['identity', 'br', 'gzip'] as const;

interface Shop extends ListeningApp {
  readonly source: ScriptedSource;
}

/** Processes that share definitions, data and a Redis. */
async function twoShops(t: Test): Promise<[Shop, Shop]> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const clock = new HeldClock();
  const shop = async (): Promise<Shop> => {
    const listening = await listeningApp(t, { folder, clock, environment: { REDIS_URL: redis.url } });
    return { ...listening, source: scriptSource(listening.app) };
  };
  return [await shop(), await shop()];
}

function readIn(service: ListeningApp, path: string, coding: string): Promise<Answer> {
  return service.get(path, { headers: { 'accept-encoding': coding } });
}

t.test(
  'the second read of every panel: a hit without a source query and without a compression',
  async (t) => {
    const [shop] = await twoShops(t);
    for (const panel of SHOP_PANELS) {
      const path = `/dashboards/shop/${panel}?site_id=9`;
      await readIn(shop, path, 'identity');
      const before = { asked: shop.source.askedCount, compressed: compressions.count };
      for (const coding of CODINGS)
        t.match(
          (await readIn(shop, path, coding)).cacheStatus,
          /^dashcache; hit; ttl=600; detail=l1$/,
          panel,
        );
      t.same(
        { asked: shop.source.askedCount, compressed: compressions.count },
        before,
        'nothing was asked or coded',
      );
    }
    t.equal(shop.source.askedCount, SHOP_PANELS.length);
    const { sources, cache_stats } = await statisticsOf(shop);
    t.equal(sources[0]?.queries, SHOP_PANELS.length, 'the source has counted the same');
    t.match(cache_stats, { hits: 3 * SHOP_PANELS.length, misses: SHOP_PANELS.length });
    t.ok(compressions.count > 0, 'the first reads were coded, and the counter saw it');
  },
);

t.test(
  'a warm whole dashboard: hits alone, no source query and no compression, the bytes of the panels',
  async (t) => {
    const [shop] = await twoShops(t);
    const path = '/dashboards/shop?site_id=9';
    const answers = new Map<string, Answer>();
    for (const coding of CODINGS) answers.set(coding, await readIn(shop, path, coding));
    const before = { asked: shop.source.askedCount, compressed: compressions.count };
    t.equal(before.asked, SHOP_PANELS.length, 'the first look asked once for each panel');
    for (const coding of CODINGS) {
      const warm = await readIn(shop, path, coding);
      t.equal(warm.cacheStatus, 'dashcache; hit; ttl=600');
      t.ok(warm.bytes.equals(answers.get(coding)?.bytes ?? Buffer.alloc(0)), coding);
      t.equal(warm.headers.etag, answers.get(coding)?.headers.etag);
    }
    t.same({ asked: shop.source.askedCount, compressed: compressions.count }, before);
    const whole = (await readIn(shop, path, 'br')).text;
    for (const panel of SHOP_PANELS)
      t.ok(
        whole.includes((await shop.get(`/dashboards/shop/${panel}?site_id=9`)).text),
        `${panel} is in it as it is`,
      );
  },
);

t.test(
  'miss, l1 hit and l2 hit: the same bytes and tags in every coding, and Cache-Status says which it was',
  async (t) => {
    const [first, second] = await twoShops(t);
    for (const [index, panel] of [...SHOP_PANELS, 'options'].entries()) {
      const path =
        panel === 'options' ? '/dashboards/shop/options/site_id' : `/dashboards/shop/${panel}?site_id=4`;
      // Every coding is, for some panel, the first that is asked of what came from Redis.
      const codings = CODINGS.map((_, at) => CODINGS[(at + index) % CODINGS.length] ?? 'br');
      const miss = await readIn(first, path, 'br');
      t.match(miss.cacheStatus, 'fwd=uri-miss; stored');
      for (const [at, coding] of codings.entries()) {
        const fromMemory = await readIn(first, path, coding);
        const fromRedis = await readIn(second, path, coding);
        t.match(fromMemory.cacheStatus, 'detail=l1');
        t.match(fromRedis.cacheStatus, at === 0 ? 'hit; ttl=' : 'detail=l1');
        if (at === 0) t.match(fromRedis.cacheStatus, 'detail=l2');
        t.ok(fromRedis.bytes.equals(fromMemory.bytes), `${panel} in ${coding}: the same bytes on the wire`);
        t.ok(fromRedis.plain.equals(miss.plain), 'and below their coding those of the miss');
        for (const name of ['etag', 'content-encoding', 'content-length', 'content-type', 'age'])
          t.equal(fromRedis.headers[name], fromMemory.headers[name], name);
      }
      const held = { 'if-none-match': String(miss.headers.etag) };
      t.equal(
        (await second.get(path, { headers: held })).status,
        304,
        'a tag of one process is known to the other',
      );
    }
    t.equal(second.source.askedCount, 0, 'the second process never asked');
    // The first writes its figures when it is asked, the second then sums both.
    await statisticsOf(first);
    const { sources, latency } = await statisticsOf(second);
    t.equal(
      sources.reduce((count, { queries }) => count + queries, 0),
      SHOP_PANELS.length + 1,
    );
    t.equal(latency.l2.count, SHOP_PANELS.length);
  },
);

t.test('the demo on real Redis: what one process loaded, another serves in the same bytes', async (t) => {
  const clock = new HeldClock();
  const dataDir = tempFolder(t);
  const demo = await prepareDemo({ dataDir, nowMs: clock.nowMs(), scale: 0.01, progress: () => {} });
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const environment = { REDIS_URL: redis.url, DATA_DIR: dataDir };
  const options = { folder: demo.definitionsFolder, clock, environment };
  const first = await listeningApp(t, options);
  const second = await listeningApp(t, options);
  const panels = [...(first.app.definitions.current.dashboards.get('operations')?.panels.keys() ?? [])];
  t.ok(panels.length >= 9);
  for (const site of [1, 5]) {
    for (const panel of panels) {
      const path = `/dashboards/operations/${panel}?site_id=${site}`;
      const [miss, hit] = [await readIn(first, path, 'br'), await readIn(first, path, 'br')];
      const shared = await readIn(second, path, 'br');
      t.match([miss, hit, shared].map(({ cacheStatus }) => cacheStatus).join(), /uri-miss.*l1.*l2/, panel);
      t.ok(hit.bytes.equals(miss.bytes) && shared.bytes.equals(miss.bytes));
    }
    const path = `/dashboards/operations?site_id=${site}`;
    t.ok((await readIn(second, path, 'gzip')).bytes.equals((await readIn(first, path, 'gzip')).bytes));
  }
  const { process: asked } = await statisticsOf(first);
  t.ok(asked.source_queries >= 2 * panels.length);
  t.equal((await statisticsOf(second)).process.source_queries, 0);
});
