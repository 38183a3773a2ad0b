import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { StatisticsBody } from '../../services/statistics/report-schema.js';
import { packedProject, run } from '../helpers/packed-project.js';
import { startRedis } from '../helpers/redis-server.js';
import { type Service, startService } from '../helpers/start-service.js';
import { until } from '../integration/support/until.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SALES = '/sales/dashboards/today/metrics';
const OPS = '/ops/dashboards/today/metrics';

/** The compiler of the tree, the types of what is installed. */
const COMPILER_OPTIONS = {
  module: 'NodeNext',
  target: 'ES2023',
  lib: ['ES2023'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules', '@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  outDir: 'built',
};

/** The sample app in a folder of its own, with the package installed from its tarball; gives the program to run. */
async function installedSample(t: Test): Promise<string> {
  const { home, install } = await packedProject(t);
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  await install(['fastify', '@fastify/redis'].map((name) => `${name}@${dependencies[name]}`));
  cpSync(fileURLToPath(new URL('sample', import.meta.url)), home, { recursive: true });
  const config = { compilerOptions: COMPILER_OPTIONS, files: ['host.ts'] };
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(config));
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], home);
  return join(home, 'built', 'host.js');
}

async function read(service: Service, path: string) {
  const answer = await service.get(path);
  const body = await answer.json();
  return { status: answer.status, cacheStatus: answer.headers.get('cache-status') ?? '', body };
}

t.test('an app that installed the package: it compiles, and two instances serve side by side', async (t) => {
  const program = await installedSample(t);
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const start = async () => {
    const service = await startService({
      command: [process.execPath, program],
      environment: { REDIS_URL: redis.url },
      readyPath: '/sales/health/ready',
    });
    t.teardown(() => service.stop());
    return service;
  };
  const one = await start();
  const two = await start();

  t.test('each has its own dashboard, though both call it the same', async (t) => {
    t.match(await read(one, SALES), { status: 200, body: { data: { orders: 3, revenue: 400 } } });
    t.match(await read(one, `${SALES}?region=north`), { body: { data: { orders: 2, revenue: 150 } } });
    t.match(await read(one, OPS), { status: 200, body: { data: { incidents: 4 } } });
    t.match(await read(one, `${OPS}?region=north`), { status: 400, body: { code: 'parameters_invalid' } });
    t.match((await read(one, '/sales/dashboards')).body, { dashboards: [{ title: 'Sales' }] });
    t.match((await read(one, '/ops/dashboards')).body, { dashboards: [{ title: 'Operations' }] });
  });

  t.test('what one process has loaded the other finds in Redis, each instance its own', async (t) => {
    const sales = await read(two, SALES);
    t.match(sales.cacheStatus, 'detail=l2');
    t.match(sales.body, { data: { revenue: 400 } });
    const ops = await read(two, OPS);
    t.match(ops.cacheStatus, 'detail=l2');
    t.match(ops.body, { data: { incidents: 4 } });
    t.match((await read(two, SALES)).cacheStatus, 'detail=l1');
    t.match((await read(two, '/ops/dashboards/today/charts/severity')).cacheStatus, 'fwd=uri-miss');
  });

  t.test('each tells of itself: health, statistics over both processes, Prometheus', async (t) => {
    for (const prefix of ['/sales', '/ops']) {
      t.same((await read(two, `${prefix}/health/ready`)).body, { status: 'ready', degraded: [] });
      t.equal((await one.get(`${prefix}/metrics`)).status, 200);
    }
    // A 400 is no read; the other process tells of its reads within a moment.
    const sums = async () => {
      const told = await Promise.all(
        ['/sales', '/ops'].map((prefix) => one.get(`${prefix}/reports/cache-statistics/`)),
      );
      const bodies = await Promise.all(told.map((answer) => answer.json()));
      return bodies.map((body) => (body as StatisticsBody & { enabled: true }).cache_stats.total_requests);
    };
    t.ok(await until(async () => (await sums()).join() === '4,3'), `${await sums()}`);
  });

  t.test('what is below a prefix and unknown is a problem of ours', async (t) => {
    for (const path of ['/sales/nowhere', '/ops/nowhere', '/ops/dashboards/none'])
      t.match(await read(one, path), {
        status: 404,
        body: { status: 404, instance: path, request_id: /^req-/ },
      });
    const posted = await one.get(SALES, { method: 'POST', body: '{}' });
    t.equal(posted.status, 405);
    t.equal(posted.headers.get('allow'), 'GET, HEAD');
  });

  t.test('the routes of the host are as they would be without', async (t) => {
    const home = await one.get('/');
    t.match(await home.json(), { visits: Number });
    for (const name of ['cache-status', 'content-security-policy', 'x-content-type-options'])
      t.notOk(home.headers.has(name), name);
    t.same((await read(one, '/nowhere')).body, {
      message: 'Route GET:/nowhere not found',
      error: 'Not Found',
      statusCode: 404,
    });
    t.same((await read(one, '/fails')).body, {
      statusCode: 500,
      error: 'Internal Server Error',
      message: 'of the host',
    });
  });

  t.test('SIGTERM: the host closes, with both instances, and ends with 0', async (t) => {
    const startMs = performance.now();
    t.same(await Promise.all([one.stop(), two.stop()]), [0, 0]);
    t.ok(performance.now() - startMs < 5000);
    t.equal(one.errorText + two.errorText, '');
  });
});
