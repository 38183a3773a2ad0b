import t from 'tap';
import { cacheResult, getCacheStats } from '../../../services/results/cache-result.js';
import { ends } from '../../helpers/ending-program.js';
import { startRedis } from '../../helpers/redis-server.js';
import { counted } from '../../helpers/result-room.js';

const ROOT = new URL('../../../', import.meta.url);

t.test(
  'all functions wrapped by cacheResult share the cache and the statistics of the process',
  async (t) => {
    t.equal(getCacheStats().recommendation, 'No reads yet');
    const site = counted(async (siteId: number) => siteId);
    const name = counted(async (siteId: number) => `Site ${siteId}`);
    const cachedSite = cacheResult(site, { timeout: 300, keyPrefix: 'site' });
    const cachedName = cacheResult(name, { ttl: '5m', keyPrefix: 'name' });
    for (let i = 0; i < 5; i++) t.same([await cachedSite(7), await cachedName(7)], [7, 'Site 7']);
    t.same([site.runs.length, name.runs.length], [1, 1]);
    t.match(getCacheStats(), { total_requests: 10, hits: 8, misses: 2, hit_rate: 80 });
    t.equal(getCacheStats().recommendation, 'Excellent hit rate');
    await cachedSite.invalidateAll();
    await cachedSite(7);
    t.equal(site.runs.length, 2);
  },
);

t.test('a program that caches a function ends by itself', async (t) => {
  const { code, output } = await ends(
    t,
    `import { cacheResult, getCacheStats } from '${new URL('index.ts', ROOT)}';
    const cached = cacheResult(async (id: number) => id, { ttl: '1h', grace: '1h', keyPrefix: 'x' });
    await cached(7);
    await cached(7);
    console.log(getCacheStats().hits);`,
  );
  t.same({ code, output }, { code: 0, output: '1\n' });
});

t.test('a program whose cache has a Redis ends once the cache is closed, and not before', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const program = `import { createResultCache } from '${new URL('result-cache.ts', ROOT)}';
    const { cacheResult, close } = createResultCache({ redisUrl: '${server.url}' });
    const cached = cacheResult(async (id: number) => id, { ttl: '1h', keyPrefix: 'x' });
    console.log(await cached(7));`;
  t.same(await ends(t, `${program} await close();`), { code: 0, output: '7\n' });
  t.same(await ends(t, program, 2000), { code: null, output: '7\n' }, 'left open, it goes on');
});
