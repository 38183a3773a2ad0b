import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from '../../helpers/lifetime.js';
import { type RedisServer, type RedisUser, startRedis } from '../../helpers/redis-server.js';
import { type ScriptedUpstream, scriptedUpstream } from '../../helpers/scripted-upstream.js';
import type { Service } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { builtService } from './built-service.js';

/** What replicas answer about a key stays fresh longer than any test, and is asked at that path of the upstream. */
const REPORTS = `
id: reports
source: slow
params:
  key: { type: string, max_length: 64, tenant: true }
metrics: { path: "/:key", ttl: 1h, grace: 1h }
`;

export interface Replicas {
  readonly redis: RedisServer;
  /** The one source of all; what it says of a key is scripted at `/<key>`. */
  readonly upstream: ScriptedUpstream;
  /** One more process, from source code of now. */
  start(environment?: Readonly<Record<string, string>>): Promise<Service>;
}

/** Real processes in front of one scripted endpoint, over one Redis; each key is a tenant, so that it can be invalidated alone. */
export async function replicas(t: Lifetime, options: { user?: RedisUser } = {}): Promise<Replicas> {
  const upstream = await scriptedUpstream(t);
  const redis = await startRedis(options);
  t.teardown(() => redis.stop());
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  const source = `{ type: http, url: "${upstream.url}", concurrency: 64 }`;
  writeFileSync(join(folder, 'dashcache.yaml'), `sources:\n  slow: ${source}\n`);
  writeFileSync(join(folder, 'reports.yaml'), REPORTS);
  return {
    redis,
    upstream,
    async start(environment = {}) {
      const fixed = { DASHCACHE_CONFIG: folder, REDIS_URL: redis.url };
      const service = await builtService({ environment: { ...fixed, ...environment } });
      t.teardown(() => service.stop());
      return service;
    },
  };
}

/** Where a process is asked for a key. */
export function pathOfKey(key: string): string {
  return `/dashboards/reports/metrics?key=${key}`;
}

/** Settings of a process that is broken on purpose by what is loaded before it. */
export function broken(how: 'unfenced' | 'frozen-look'): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${new URL(`./${how}.mjs`, import.meta.url).href}` };
}
