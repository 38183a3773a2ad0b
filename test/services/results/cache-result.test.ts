import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cacheResult, getCacheStats } from '../../../services/results/cache-result.js';
import { startRedis } from '../../helpers/redis-server.js';
import { counted } from '../../helpers/result-room.js';
import { childEnvironment } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const ROOT = new URL('../../../', import.meta.url);
const ENDS_WITHIN_MS = 20_000;

/** Runs a program to its own end; its exit code is null when it had to be killed. */
function ends(
  t: Test,
  program: string,
  /** How long it may go on after its last output, once there is one. */
  afterOutputMs = ENDS_WITHIN_MS,
): Promise<{ code: number | null; output: string }> {
  const file = join(tempFolder(t), 'program.mts');
  writeFileSync(file, program);
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const killAfter = (ms: number) => setTimeout(() => child.kill('SIGKILL'), ms);
  let killer = killAfter(ENDS_WITHIN_MS);
  child.stdout.on('data', (text) => {
    output += text;
    clearTimeout(killer);
    killer = killAfter(afterOutputMs);
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(killer);
      resolve({ code, output });
    });
  });
}

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
