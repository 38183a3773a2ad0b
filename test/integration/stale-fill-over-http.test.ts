import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Barrier } from '../helpers/barrier.js';
import { startRedis } from '../helpers/redis-server.js';
import { json, type ScriptedUpstream, scriptedUpstream } from '../helpers/scripted-upstream.js';
import type { Service } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { tell } from './support/two-processes.js';

const KEYS_COUNT = 50;

const REPORTS = `
id: reports
source: legacy
params:
  tenant: { type: integer, tenant: true }
  key: { type: integer }
metrics: { path: "/:tenant/:key", tags: [nightly], ttl: 1h }
`;

interface Pair {
  readonly services: readonly [Service, Service];
  readonly upstream: ScriptedUpstream;
}

async function pair(t: Test): Promise<Pair> {
  const upstream = await scriptedUpstream(t);
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:\n  legacy: { type: http, url: "${upstream.url}", concurrency: ${KEYS_COUNT} }\n`,
  );
  writeFileSync(join(folder, 'reports.yaml'), REPORTS);
  const environment = { DASHCACHE_CONFIG: folder, REDIS_URL: redis.url };
  const services = await Promise.all([builtService({ environment }), builtService({ environment })]);
  t.teardown(() => Promise.all(services.map((service) => service.stop())));
  return { services, upstream };
}

const keys = Array.from({ length: KEYS_COUNT }, (_, key) => key);

async function versionIn({ url }: Service, tenant: number, key: number): Promise<number> {
  const answer = await ask(`${url}/dashboards/reports/metrics?tenant=${tenant}&key=${key}`);
  return answer.json<{ data: { version: number } }>().data.version;
}

/**
 * Loads that have read the old data are held at their source; the data change, and `change` is done; only after it the loads end. How
 * many later reads, in both processes, are given the old data.
 */
async function oldReads(
  { services, upstream }: Pair,
  { tenant, change }: { tenant: number; change: () => Promise<unknown> },
): Promise<number> {
  const barrier = new Barrier();
  let version = 1;
  for (const key of keys)
    upstream.on(`/${tenant}/${key}`, async (request, response) => {
      const read = version;
      await barrier.pass();
      json({ version: read })(request, response);
    });
  const [loading] = services;
  const loads = keys.map((key) => versionIn(loading, tenant, key));
  await barrier.arrived(KEYS_COUNT);
  version = 2;
  await change();
  barrier.open();
  await Promise.all(loads);
  const later = services.flatMap((service) => keys.map((key) => versionIn(service, tenant, key)));
  return (await Promise.all(later)).filter((read) => read === 1).length;
}

t.test('given loads under way that read old data, nobody is given them after a purge', async (t) => {
  const both = await pair(t);
  const [first, second] = both.services;
  let tenant = 0;
  const SELECTIONS: readonly [by: string, body: (tenant: number) => object][] = [
    ['a tag', () => ({ tags: ['nightly'] })],
    ['its panel', () => ({ dashboard: 'reports', panel: 'metrics' })],
    ['its tenant', (of) => ({ all: true, tenant: String(of) })],
  ];
  for (const [by, body] of SELECTIONS)
    for (const [at, service] of [
      ['the process that loads', first],
      ['the other one', second],
    ] as const) {
      const of = ++tenant;
      const purge = async () => {
        const answer = await tell(service, '/cache/invalidations', { body: body(of) });
        t.match(answer.json(), { processes: 2, confirmed: 2 });
      };
      t.equal(await oldReads(both, { tenant: of, change: purge }), 0, `by ${by}, in ${at}`);
    }
  const without = await oldReads(both, { tenant: ++tenant, change: async () => {} });
  t.equal(without, 2 * KEYS_COUNT, 'without a purge every later read is given them: this test would see it');
});
