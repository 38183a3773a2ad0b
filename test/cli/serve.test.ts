import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import { startService } from '../helpers/start-service.js';

const DEFINITIONS = {
  'dashcache.yaml': 'sources:\n  main: { type: duckdb, files: { sales: sales.csv } }\n',
  'sales.csv': 'region,amount\nnorth,10\nsouth,20\n',
  'sales.yaml': 'id: sales\nsource: main\nmetrics:\n  query: SELECT sum(amount) AS total FROM sales\n',
};

t.test('it serves the folder that it is told, and ends with 0 on SIGTERM and on SIGINT', async (t) => {
  const folder = t.testdir(DEFINITIONS);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const service = await startService({ words: ['--config', folder] });
    const answer = await service.get('/dashboards/sales/metrics');
    t.equal(answer.status, 200);
    t.match(await answer.json(), { data: { total: 30 } });
    service.signal(signal);
    t.equal(await service.ended, 0, signal);
    t.equal(service.errorText, '');
  }
});

t.test('nobody watches a pipe: nothing but the log is on stdout, and no secret is in it', async (t) => {
  const environment = {
    DASHCACHE_CONFIG: t.testdir(DEFINITIONS),
    REDIS_URL: 'redis://ann:hunter2@127.0.0.1:1/3',
  };
  const service = await startService({ environment: { ...environment, REDIS_URI: 'x' } });
  t.equal(await service.stop(), 0);
  const records = service.lines.map((line) => JSON.parse(line));
  t.ok(records.some((record) => record.settings?.REDIS_URL === 'redis://127.0.0.1:1/3'));
  t.ok(records.some((record) => /REDIS_URI is not a setting/.test(record.msg)));
  t.notMatch(service.lines.join('\n'), 'hunter2');
});

t.test('with --json it prints the addresses to open, each of which answers', async (t) => {
  const service = await startService({ words: ['--config', t.testdir(DEFINITIONS), '--json'] });
  const line = service.lines.find((line) => line.startsWith('{"addresses"'));
  const { addresses } = JSON.parse(line ?? '{}');
  t.ok(addresses.length >= 4);
  for (const { url } of addresses) t.equal((await fetch(url)).status, 200, url);
  t.equal(await service.stop(), 0);
});

t.test('under BASE_PATH the addresses lie below it', async (t) => {
  const environment = { BASE_PATH: '/cache/', DASHCACHE_CONFIG: t.testdir(DEFINITIONS) };
  const service = await startService({ environment, words: ['--json'], readyPath: '/cache/health/ready' });
  t.match(
    service.lines.find((line) => line.startsWith('{"addresses"')),
    `${service.url}/cache/dashboards`,
  );
  t.equal(await service.stop(), 0);
});

interface Refusal {
  readonly environment: Record<string, string>;
  readonly exitCode: number;
  readonly told: readonly RegExp[];
}

t.test(
  'what does not allow a start is told without a stack, with an exit code that says whose fault it is',
  async (t) => {
    const good = t.testdir(DEFINITIONS);
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    t.teardown(() => new Promise((resolve) => taken.close(resolve)));
    const bound = taken.address();
    const takenPort = String(typeof bound === 'object' && bound ? bound.port : 0);

    const refusals: readonly Refusal[] = [
      {
        environment: { DASHCACHE_CONFIG: good, PORT: takenPort },
        exitCode: 3,
        told: [new RegExp(`^Port ${takenPort} on 127.0.0.1 is taken by another process: .*PORT or --port`)],
      },
      {
        environment: { DASHCACHE_CONFIG: good, LOG_LEVEL: 'loud', WORKERS: '2' },
        exitCode: 3,
        told: [
          /^2 settings are wrong:/,
          /LOG_LEVEL is "loud"/,
          /WORKERS is 2, and there is no Redis: .*set REDIS_URL/,
        ],
      },
      {
        environment: { DASHCACHE_CONFIG: good, HOST: '192.0.2.1', AUTH: 'none' },
        exitCode: 3,
        told: [/^HOST is 192\.0\.2\.1, which is no address of this machine/],
      },
      {
        environment: { DASHCACHE_CONFIG: join(good, 'absent') },
        exitCode: 3,
        told: [
          /^There are no dashboards to serve: .*absent does not exist\nhelp: name .*DASHCACHE_CONFIG.*--demo/,
        ],
      },
    ];
    for (const { environment, exitCode, told } of refusals) {
      const service = await startService({ environment, readyPath: null });
      t.equal(await service.ended, exitCode, service.errorText);
      for (const pattern of told) t.match(service.errorText, pattern);
      t.notMatch(service.errorText, /^\s+at /m, 'no stack');
    }
  },
);

t.test(
  'definitions that are wrong end the process, also where it has connected to Redis by then',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const environment = {
      DASHCACHE_CONFIG: t.testdir({ 'dashcache.yaml': 'sources: {}' }),
      REDIS_URL: redis.url,
    };
    const service = await startService({ environment, readyPath: null });
    t.teardown(() => service.stop());
    const ended = await Promise.race([service.ended, sleep(20_000, 'still there', { ref: false })]);
    t.equal(ended, 1, service.errorText);
  },
);
