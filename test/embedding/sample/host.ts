/** A small app of somebody else's: its own routes, its own Redis client, and two instances of dashcache. */
import fastifyRedis from '@fastify/redis';
import { ConfigFaults, type DashcacheOptions, dashcache } from 'dashcache';
import { fastify } from 'fastify';

const { PORT, REDIS_URL: redisUrl } = process.env;
if (redisUrl === undefined) throw new Error('REDIS_URL is not set');

const app = fastify({ logger: true });

await app.register(fastifyRedis, { url: redisUrl });
app.get('/', async () => ({ visits: await app.redis.incr('host:visits') }));
app.get('/fails', async () => {
  throw new Error('of the host');
});

const shared = { redisUrl, adminToken: 'only-for-this-sample' } satisfies Partial<DashcacheOptions>;
const here = new URL('../', import.meta.url).pathname;
app.register(dashcache, {
  ...shared,
  prefix: '/sales',
  definitions: `${here}sales`,
  environment: { DATA: `${here}sales` },
});
app.register(dashcache, { ...shared, prefix: '/ops', definitions: `${here}ops`, metricsTtlMs: 60_000 });

// What dashcache adds stays in its scopes, and so do the types of it.
// @ts-expect-error
app.definitions?.reload();
// @ts-expect-error
app.clock?.nowMs();

process.once('SIGTERM', async () => {
  await app.close();
  process.exit();
});

try {
  await app.listen({ port: Number(PORT), host: '127.0.0.1' });
} catch (error) {
  console.error(error instanceof ConfigFaults ? error.message : error);
  process.exit(1);
}
