import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { CacheEvent } from '../../../services/events/events-schema.js';
import { Barrier } from '../../helpers/barrier.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { startRedis } from '../../helpers/redis-server.js';
import { json, scriptedUpstream, type UpstreamReply } from '../../helpers/scripted-upstream.js';
import type { Service } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { ask } from './ask.js';
import { builtService } from './built-service.js';

type WarmingEvent = Extract<CacheEvent, { kind: 'warming' }>;

export const REGIONS = ['north', 'south', 'east', 'west'] as const;

/** Two panels of an endpoint that answers one request at a time, in four combinations. */
const reports = (begin: string) => `
id: reports
source: slow
params:
  region: { type: string, max_length: 20 }
metrics: { path: "/totals/:region", ttl: 1h }
summary: { path: "/about/:region", ttl: 1h }
warming:
  ${begin}
  params: [${REGIONS.map((region) => `{ region: ${region} }`).join(', ')}]
`;
export const PATHS = REGIONS.flatMap((region) => [`/totals/${region}`, `/about/${region}`]);

export interface WarmingWorldOptions {
  /** What begins a warming. */
  readonly begin?: string;
  readonly isShared?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** An endpoint behind a barrier, and how to start processes that share a Redis. */
export async function warmingWorld(
  t: Test,
  { begin = 'after_deploy: true', isShared = true, environment = {} }: WarmingWorldOptions = {},
) {
  const upstream = await scriptedUpstream(t);
  const barrier = new Barrier();
  const behind: UpstreamReply = async (request, response) => {
    await barrier.pass();
    return json({ total: 1 })(request, response);
  };
  for (const path of PATHS) upstream.on(path, behind);
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  const source = `sources:\n  slow: { type: http, url: "${upstream.url}", concurrency: 1 }\n`;
  writeFileSync(join(folder, 'dashcache.yaml'), source);
  writeFileSync(join(folder, 'reports.yaml'), reports(begin));
  const start = async (): Promise<Service> => {
    const service = await builtService({
      environment: { ...environment, DASHCACHE_CONFIG: folder, ...(isShared && { REDIS_URL: redis.url }) },
    });
    t.teardown(() => service.stop());
    return service;
  };
  return { upstream, barrier, start };
}

/** What it tells of warmings, the newest first. */
export async function warmings({ url }: Service): Promise<WarmingEvent[]> {
  return (await ask(`${url}/cache/events?kind=warming`)).json<{ events: WarmingEvent[] }>().events;
}

/** How often it loaded something for a warming. */
export async function loadsOf({ url }: Service): Promise<number> {
  const { text } = await ask(`${url}/metrics`);
  return Number(/cache_events_total\{event="warming_loads"\} (\d+)/.exec(text)?.[1]);
}
