import type { Test } from 'tap';
import { documentedUser } from '../../helpers/documented-user.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';
import type { Service } from '../../helpers/start-service.js';
import { type Answer, type AskOptions, ask } from './ask.js';
import { builtService } from './built-service.js';
import { shopFolder } from './shop.js';

export interface Two {
  readonly folder: string;
  readonly redis: RedisServer;
  readonly services: readonly [Service, Service];
  readonly environment: Readonly<Record<string, string>>;
}

/** Two real processes that share a folder and a Redis, in which they may do no more than the documentation asks for. */
export async function twoProcesses(t: Test, settings: Readonly<Record<string, string>> = {}): Promise<Two> {
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const environment = { DASHCACHE_CONFIG: folder, REDIS_URL: redis.url, ...settings };
  const started = await Promise.all([builtService({ environment }), builtService({ environment })]);
  t.teardown(() => Promise.all(started.map((service) => service.stop())));
  return { folder, redis, services: started, environment };
}

/** One call of administration, with its body as JSON. */
export function tell({ url }: { url: string }, path: string, options: AskOptions): Promise<Answer> {
  return ask(url + path, { method: 'POST', ...options });
}

export function read({ url }: { url: string }, path: string): Promise<Answer> {
  return ask(url + path);
}

/** Until the next reads of these addresses are hits of memory in that process. */
export async function heat(service: { url: string }, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await read(service, path);
    const { cacheStatus } = await read(service, path);
    if (!cacheStatus.includes('detail=l1')) throw new Error(`${path} is no hit of memory: ${cacheStatus}`);
  }
}
