import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t from 'tap';
import { startPostgres } from '../helpers/postgres-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Answer, ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { until } from './support/until.js';

const POOL_COUNT = 5;
const COLD_COUNT = 80;
const WARM_COUNT = 10;
const DEADLINE_MS = 2000;
const BACKENDS =
  "SELECT count(*)::int AS backends, count(*) FILTER (WHERE state = 'active')::int AS active FROM pg_stat_activity WHERE application_name = 'dashcache'";

interface Sample {
  readonly backends: number;
  readonly active: number;
}

t.test(
  '80 cold keys that sleep, a pool of 5: the database is safe, and warm panels do not notice',
  async (t) => {
    const server = await startPostgres();
    t.after(() => server.stop());
    const folder = tempFolder(t);
    writeFileSync(
      join(folder, 'dashcache.yaml'),
      `sources: { main: { type: postgres, url: "\${DATABASE_URL}", pool: ${POOL_COUNT} } }\ndefaults: { ttl: 10m, grace: 10m, deadline: ${DEADLINE_MS}ms }\n`,
    );
    writeFileSync(
      join(folder, 'work.yaml'),
      `id: work\nsource: main\nparams: { key: { type: integer } }\nsummary: { query: "SELECT :key AS key, pg_sleep(60) AS slept" }\nmetrics: { query: "SELECT :key AS key" }\n`,
    );
    const service = await builtService({
      environment: { DASHCACHE_CONFIG: folder, DATABASE_URL: server.url, LOG_LEVEL: 'error' },
    });
    t.after(() => service.stop());
    const warm = (key: number) => ask(`${service.url}/dashboards/work/metrics?key=${key}`);
    const watcher = new pg.Client({ connectionString: server.url, application_name: 'watcher' });
    await watcher.connect();
    t.after(() => watcher.end());
    const look = async () => (await watcher.query<Sample>(BACKENDS)).rows[0] as Sample;

    // Control: without load everything is answered.
    for (let key = 0; key < WARM_COUNT; key++) t.equal((await warm(key)).status, 200);

    const samples: Sample[] = [];
    const warmMs: number[] = [];
    const beganMs = performance.now();
    const cold = Array.from({ length: COLD_COUNT }, (_empty, key) =>
      ask(`${service.url}/dashboards/work/summary?key=${key}`),
    );
    let isOver = false;
    const sampling = (async () => {
      while (!isOver) {
        samples.push(await look());
        await sleep(50);
      }
    })();
    const reading = (async () => {
      for (let key = 0; !isOver; key++) {
        const startMs = performance.now();
        const answer = await warm(key % WARM_COUNT);
        warmMs.push(performance.now() - startMs);
        if (answer.status !== 200 || !answer.cacheStatus.includes('hit'))
          t.fail('a warm panel was not a hit');
        await sleep(10);
      }
    })();
    const answers = await Promise.all(cold);
    await sleep(Math.max(0, beganMs + DEADLINE_MS + 1000 - performance.now()));
    const after = await look();
    isOver = true;
    await Promise.all([sampling, reading]);

    const most = Math.max(...samples.map(({ backends }) => backends));
    t.equal(most, POOL_COUNT, 'never more backends than the pool, and the pool was used');
    t.equal(after.active, 0, 'nothing runs 1 s after the deadline');
    const byStatus = (status: number) => answers.filter((answer) => answer.status === status);
    const lateCount = byStatus(504).length;
    // On a busy machine some come when the first have ended already.
    t.ok(lateCount >= POOL_COUNT && lateCount <= 2 * POOL_COUNT, 'those that ran to the deadline');
    t.equal(byStatus(503).length, COLD_COUNT - lateCount, 'those that never had a place');
    t.ok(byStatus(503).every(hasRetryAfter), 'each is told when to come back');
    warmMs.sort((a, b) => a - b);
    const p99Ms = warmMs[Math.floor(warmMs.length * 0.99)] ?? Number.NaN;
    t.comment(
      `${samples.length} samples, most ${most} backends; ${warmMs.length} warm reads, p99 ${p99Ms.toFixed(1)} ms`,
    );
    t.ok(samples.length >= 20 && warmMs.length >= 50, 'enough was seen');
  },
);

function hasRetryAfter({ headers }: Answer): boolean {
  return Number(headers['retry-after']) >= 1;
}

t.test('a service that is killed: the server ends what it ran for it', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const folder = tempFolder(t);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources: { main: { type: postgres, url: "\${DATABASE_URL}", pool: 3 } }\n`,
  );
  writeFileSync(
    join(folder, 'work.yaml'),
    `id: work\nsource: main\nparams: { key: { type: integer } }\nsummary: { query: "SELECT :key AS key, pg_sleep(60) AS slept" }\n`,
  );
  const service = await builtService({
    environment: { DASHCACHE_CONFIG: folder, DATABASE_URL: server.url, LOG_LEVEL: 'error' },
  });
  t.after(() => service.stop());
  const backends = async () => (await server.query(BACKENDS)).rows[0] as Sample;
  for (let key = 0; key < 3; key++) ask(`${service.url}/dashboards/work/summary?key=${key}`).catch(() => {});
  t.ok(await until(async () => (await backends()).active === 3), 'three queries run');
  service.signal('SIGKILL');
  const startMs = performance.now();
  t.ok(await until(async () => (await backends()).backends === 0), 'and then nothing of it is left');
  t.comment(`nothing left after ${Math.round(performance.now() - startMs)} ms`);
});
