import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import {
  json,
  type ScriptedUpstream,
  scriptedUpstream,
  type UpstreamReply,
} from '../helpers/scripted-upstream.js';
import type { Service } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Answer, ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { tell } from './support/two-processes.js';

const PROCESSES_COUNT = 4;
const READERS_COUNT = 25;
const ROUNDS_COUNT = 3;
const LOAD_MS = 400;
const TTL_MS = 2000;

const REPORTS = `
id: reports
source: slow
params:
  region: { type: string, max_length: 20 }
metrics: { path: "/:region", ttl: ${TTL_MS}ms, grace: 0s, stale_if_error: 0s }
`;

interface Cluster {
  readonly services: readonly Service[];
  readonly upstream: ScriptedUpstream;
}

/** Real processes in front of one slow endpoint, over one Redis. */
async function cluster(t: Test): Promise<Cluster> {
  const upstream = await scriptedUpstream(t);
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  writeFileSync(join(folder, 'dashcache.yaml'), `sources:\n  slow: { type: http, url: "${upstream.url}" }\n`);
  writeFileSync(join(folder, 'reports.yaml'), REPORTS);
  const environment = { DASHCACHE_CONFIG: folder, REDIS_URL: redis.url };
  const starting = Array.from({ length: PROCESSES_COUNT }, () => builtService({ environment }));
  const services = await Promise.all(starting);
  t.teardown(() => Promise.all(services.map((service) => service.stop())));
  return { services, upstream };
}

/** Slow, and another value at each call. */
function counting(): UpstreamReply {
  let callsCount = 0;
  return async (request, response) => {
    const call = ++callsCount;
    await sleep(LOAD_MS);
    json({ call })(request, response);
  };
}

const pathOf = (region: string): string => `/dashboards/reports/metrics?region=${region}`;

/** Readers of every process at once; what each was given. */
async function readers({ services }: Cluster, path: string): Promise<{ answers: Answer[]; calls: number[] }> {
  const asked = services.flatMap(({ url }) => Array.from({ length: READERS_COUNT }, () => ask(url + path)));
  const answers = await Promise.all(asked);
  return { answers, calls: answers.map((answer) => answer.json<{ data: { call: number } }>().data.call) };
}

t.test('readers of four processes want one key of a slow endpoint at the same moment', async (t) => {
  const all = await cluster(t);
  const { upstream, services } = all;
  const rounds = { cold: 0, expired: 0, invalidated: 0 };
  const round = async (kind: keyof typeof rounds, region: string, expectedCall: number) => {
    const before = upstream.callsOf(`/${region}`);
    const { answers, calls } = await readers(all, pathOf(region));
    rounds[kind] += upstream.callsOf(`/${region}`) - before;
    t.ok(
      answers.every(({ status }) => status === 200),
      `${kind}: every reader is answered`,
    );
    t.ok(
      calls.every((call) => call === expectedCall),
      `${kind}: and with the value of the one load`,
    );
  };
  for (let i = 0; i < ROUNDS_COUNT; i++) {
    const region = `r${i}`;
    upstream.on(`/${region}`, counting());
    await round('cold', region, 1);
    await sleep(TTL_MS);
    await round('expired', region, 2);
    const purged = await tell(services[i % PROCESSES_COUNT] ?? { url: '' }, '/cache/invalidations', {
      body: { dashboard: 'reports' },
    });
    t.match(purged.json(), { processes: PROCESSES_COUNT, confirmed: PROCESSES_COUNT });
    await round('invalidated', region, 3);
  }
  t.same(
    rounds,
    { cold: ROUNDS_COUNT, expired: ROUNDS_COUNT, invalidated: ROUNDS_COUNT },
    'one load a round',
  );
  t.comment(`${PROCESSES_COUNT * READERS_COUNT * ROUNDS_COUNT * 3} reads, ${ROUNDS_COUNT * 3} loads`);
});
