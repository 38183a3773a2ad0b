import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { runAgainst } from '../cli/support/run-against.js';
import { documentedUser } from '../helpers/documented-user.js';
import { startRedis } from '../helpers/redis-server.js';
import type { Service } from '../helpers/start-service.js';
import { builtService } from './support/built-service.js';
import { SHOP, SHOP_PANELS, shopFolder } from './support/shop.js';
import { read, tell } from './support/two-processes.js';
import { until } from './support/until.js';

const FOREIGN_COUNT = 1_000_000;
const SITES = Array.from({ length: 12 }, (_, index) => index + 1);

/** Of others, with names near ours and of every type. */
const NEIGHBOURS: readonly (readonly [string, ...string[]])[] = [
  ['SET', 'dc', 'x'],
  ['SET', 'dc2:{g}:t:all', 'aa:bb', 'EX', '86400'],
  ['HSET', '{g}:root', 'root', 'theirs'],
  ['HSET', 'DC:{g}:root', 'root', 'theirs'],
  ['XADD', 'xdc:{g}:log', '1-1', 'root', 'theirs'],
  ['RPUSH', 'd', 'x', 'y'],
  ['SADD', 'bus', 'x'],
  ['ZADD', '{b}:read', '1', 'x'],
];

/** What all sites together have of it is more than may lie in Redis, however well it is coded. */
const DIGESTS = `
id: digests
source: main
params:
  site_id: { type: integer, tenant: true }
charts:
  all:
    type: table
    labels: name
    query: |
      SELECT md5(sales.rowid || ' ' || copy) AS name, md5(copy || ' ' || sales.rowid) AS digest
      FROM sales, range(4) AS copies(copy) WHERE site_id = :site_id ORDER BY name
`;
const PATHS = [...SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}`), '/dashboards/digests/charts/all'];

const COMPARE = `
local wrong = 0
for i = 0, ARGV[1] - 1 do
  if redis.call('GET', 'foreign:' .. i) ~= 'value:' .. i then wrong = wrong + 1 end
end
return wrong
`;

/** In one step, and without what has run out but still lies there, as DBSIZE would count it. */
const COUNT_OTHERS = "return #redis.call('KEYS', '*') - #redis.call('KEYS', 'dc:*')";

t.test(`${FOREIGN_COUNT} keys of others in Redis: all survive, and nothing walks through them`, async (t) => {
  const redis = await startRedis({ lines: ['enable-debug-command local'] });
  t.teardown(() => redis.stop());
  const admin = new Redis(redis.adminUrl, { protocol: 2 });
  t.teardown(() => admin.disconnect());
  const startMs = performance.now();
  await admin.call('DEBUG', 'POPULATE', FOREIGN_COUNT, 'foreign');
  for (const [command, ...words] of NEIGHBOURS) await admin.call(command, ...words);
  const memory = /used_memory_human:(\S+)/.exec(await admin.info('memory'))?.[1];
  t.comment(`${memory} of keys made in ${Math.round(performance.now() - startMs)} ms`);
  const neighbours = await digestsOf(admin);
  const before = await callsOf(admin);

  await everything(t, redis.url);

  const after = await callsOf(admin);
  const sent = [...after].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
  const allowed = documentedUser().rules.filter((rule) => rule.startsWith('+'));
  const ours = new Set(allowed.map((rule) => rule.slice(1)));
  // What a connection says of itself, and INFO by this test.
  for (const name of ['hello', 'auth', 'client|setinfo', 'quit']) ours.add(name);
  t.same(
    sent.filter((name) => !ours.has(name)),
    [],
    'no KEYS, SCAN, FLUSHDB, FLUSHALL, CONFIG, SCRIPT FLUSH: only what names its keys',
  );
  t.ok(sent.includes('unlink') && sent.includes('hscan'), 'the ledger was at work too');
  t.equal(await admin.eval(COMPARE, 0, FOREIGN_COUNT), 0, 'every key has the value it had');
  t.same(await digestsOf(admin), neighbours, 'and those with names near ours');
  const othersCount = FOREIGN_COUNT + NEIGHBOURS.length;
  t.equal(await admin.eval(COUNT_OTHERS, 0), othersCount, 'nothing of ours lies outside the prefix');

  await admin.flushdb();
  const harmed = await callsOf(admin);
  t.same(
    ['keys', 'flushdb'].filter((name) => harmed.get(name)),
    ['keys', 'flushdb'],
    'one who sends them would be seen',
  );
  t.equal(await admin.eval(COMPARE, 0, FOREIGN_COUNT), FOREIGN_COUNT, 'and what he destroys');
  t.notSame(await digestsOf(admin), neighbours);
});

/** All that two processes do with Redis, from their start to their end. */
async function everything(t: Test, redisUrl: string): Promise<void> {
  const folder = await shopFolder(t, { 'digests.yaml': DIGESTS });
  const environment = { DASHCACHE_CONFIG: folder, REDIS_URL: redisUrl, REDIS_MAX_BYTES: '1MiB' };
  const services = await Promise.all([builtService({ environment }), builtService({ environment })]);
  t.teardown(() => Promise.all(services.map((service) => service.stop())));
  const [first, second] = services;
  const readAll = async (sites: readonly number[]) => {
    for (const service of services) for (const site of sites) await readSite(t, service, site);
  };
  await readAll(SITES);
  for (const body of [{ all: true }, { table: 'sales', mode: 'expire' }, { dashboard: 'shop', tenant: '3' }])
    t.equal((await tell(first, '/cache/invalidations', { body })).status, 200);
  await readAll([3]);
  for (const enabled of [false, true])
    t.equal((await tell(second, '/cache/switch', { method: 'PUT', body: { enabled } })).status, 200);
  for (const words of [['flush'], ['warm', 'shop'], ['stats'], ['switch']])
    t.equal((await runAgainst(second, words)).exitCode, 0, words.join(' '));
  for (const path of ['/reports/cache-statistics/', '/reports/cache-history', '/cache/events', '/metrics'])
    t.equal((await read(first, path)).status, 200, path);
  writeFileSync(
    join(folder, 'shop.yaml'),
    SHOP.replace('count(*) AS sales, sum', '1 + count(*) AS sales, sum'),
  );
  for (const service of services) service.signal('SIGHUP');
  const isReloaded = () =>
    services.every(({ lines }) => lines.some((line) => line.includes('The definitions were reloaded')));
  t.ok(await until(isReloaded), 'definitions reloaded');
  await readAll(SITES);
  const hasMadeRoom = () =>
    services.some(({ lines }) => lines.some((line) => line.includes('rarely read entries were removed')));
  t.ok(await until(hasMadeRoom), 'the ledger has made room');
  for (const service of services) t.equal(await service.stop(), 0);
}

async function readSite(t: Test, service: Service, site: number): Promise<void> {
  for (const path of PATHS) {
    const { status } = await read(service, `${path}?site_id=${site}`);
    if (status !== 200) t.fail(`${path} of ${site}: ${status}`);
  }
}

/** How often each command was called so far, by clients and in scripts. */
async function callsOf(admin: Redis): Promise<Map<string, number>> {
  const stats = await admin.info('commandstats');
  const lines = stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...lines].map(([, name = '', count]) => [name, Number(count)]));
}

function digestsOf(admin: Redis): Promise<unknown> {
  const names = NEIGHBOURS.map(([, name = '']) => name);
  return admin.call('DEBUG', 'DIGEST-VALUE', ...names);
}
