import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startPostgres } from '../helpers/postgres-server.js';
import { startRedis } from '../helpers/redis-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { VALUES, writeTables } from '../services/sources/postgres/postgres-values.js';
import { type Answer, ask } from './support/ask.js';
import { builtService } from './support/built-service.js';

const PATH = '/dashboards/types/charts/all';
const COLUMNS = VALUES.map(([expression], index) => `${expression} AS c${index}`);
const EXACT = VALUES.flatMap(([, type], index) => (type === 'decimal' ? [`c${index}: { exact: true }`] : []));

t.test('a value of every type: the same bytes on a miss, from memory, from Redis, and stale', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await writeTables(server);
  const redis = await startRedis();
  t.after(() => redis.stop());
  const folder = tempFolder(t);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources: { main: { type: postgres, url: "\${DATABASE_URL}", pool: 2 } }\ndefaults: { ttl: 10m, grace: 10m }\n`,
  );
  writeFileSync(
    join(folder, 'types.yaml'),
    `id: types\nsource: main\ncharts:\n  all:\n    type: table\n    labels: c0\n    values: { ${EXACT.join(', ')} }\n    query: |\n      SELECT ${COLUMNS.join(',\n        ')}\n`,
  );
  const environment = { DASHCACHE_CONFIG: folder, REDIS_URL: redis.url, DATABASE_URL: server.url };
  const services = await Promise.all([builtService({ environment }), builtService({ environment })]);
  t.after(() => Promise.all(services.map((service) => service.stop())));
  const [first, second] = services.map(({ url }) => url) as [string, string];

  for (const coding of ['identity', 'br']) {
    const get = (url: string): Promise<Answer> => ask(url + PATH, { headers: { 'accept-encoding': coding } });
    await ask(`${first}/cache/invalidations`, { method: 'POST', body: { all: true } });
    const miss = await get(first);
    t.equal(miss.status, 200, miss.text.slice(0, 300));
    const answers = { l1: await get(first), l2: await get(second) };
    await ask(`${first}/cache/invalidations`, {
      method: 'POST',
      body: { mode: 'expire', dashboard: 'types' },
    });
    const stale = await get(first);
    t.match(miss.cacheStatus, 'uri-miss; stored');
    t.match(answers.l1.cacheStatus, /hit; ttl=\d+; detail=l1/);
    t.match(answers.l2.cacheStatus, /hit; ttl=\d+; detail=l2/);
    t.match(stale.cacheStatus, /hit; ttl=-\d+; detail=l1/);
    for (const [name, answer] of Object.entries({ ...answers, stale })) {
      t.ok(answer.bytes.equals(miss.bytes), `${coding}: ${name}`);
      t.equal(answer.headers.etag, miss.headers.etag);
    }
    const { series } = miss.json<{ data: { series: { name: string; values: unknown[] }[] } }>().data;
    t.equal(series.length, VALUES.length - 1, 'every type has its column');
  }
});
