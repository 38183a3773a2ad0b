import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { type Constant, describe, ETAG, redisUrl } from './constant.js';

/** Written by hand, without a library that caches: each entry is a key of Redis. Adds GET /constant/:entry. */
type AddRedisRoute = (app: FastifyInstance, constant: Constant) => Promise<void>;
type Asked = { Params: { entry?: string } };

/** The entry may be left out: then it is the first. */
const PATH = '/constant/:entry?';

export const REDIS_ROUTES: Readonly<Record<string, AddRedisRoute>> = {
  'ioredis-buffer': async (app, { body, coding, entriesCount }) => {
    const redis = await filled(entriesCount, body);
    app.get<Asked>(PATH, async ({ params }, reply) => {
      const kept = await redis.getBuffer(keyOf(params.entry));
      return describe(reply, coding).header('etag', ETAG).header('cache-control', 'no-cache').send(kept);
    });
  },

  'ioredis-json': async (app, { body, entriesCount }) => {
    const redis = await filled(entriesCount, JSON.stringify(JSON.parse(String(body))));
    app.get<Asked>(PATH, async ({ params }) => JSON.parse((await redis.get(keyOf(params.entry))) ?? 'null'));
  },
};

/** Redis has the same under as many keys as dashcache has entries. */
async function filled(entriesCount: number, value: string | Buffer): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(redisUrl());
  for (let entry = 0; entry < entriesCount; entry++) await redis.set(keyOf(String(entry)), value);
  return redis;
}

function keyOf(entry = '0'): string {
  return `constant-${entry}`;
}
