import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import t from 'tap';
import { parse } from 'yaml';
import { ConfigFaults, loadConfig, settingNames } from '../../config.js';
import { startRedis } from '../helpers/redis-server.js';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly [string, ...string[]];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const FILE = fileURLToPath(new URL('../../compose.yaml', import.meta.url));
const { services }: { services: Record<'dashcache' | 'redis' | 'postgres', Service> } = parse(
  readFileSync(FILE, 'utf8'),
  { merge: true },
);

/** What compose puts in the place of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. */
function filled(text: string, given: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\{(\w+)(?::[-?]([^}]*))?\}/g,
    (_, name: string, otherwise = '') => given[name] ?? otherwise,
  );
}

t.test('every service runs with a root that it cannot write and without rights', async (t) => {
  for (const [name, service] of Object.entries(services)) {
    t.equal(service.read_only, true, name);
    t.same(service.cap_drop, ['ALL'], name);
    t.same(service.security_opt, ['no-new-privileges:true'], name);
  }
  for (const { user, healthcheck } of [services.redis, services.postgres]) {
    t.type(user, 'string', 'nobody is left to become root');
    t.ok(healthcheck);
  }
});

t.test('dashcache gets settings that it takes, and no secret is written down', async (t) => {
  const { environment = {}, ports, volumes } = services.dashcache;
  for (const name of Object.keys(environment)) t.ok(settingNames().has(name), name);
  t.equal(environment['AUTH'], 'none', 'said, not left to the image');
  t.match(environment['ADMIN_TOKEN'], /^\$\{ADMIN_TOKEN:\?/, 'and asked for where it is missing');
  t.match(services.postgres.environment?.['POSTGRES_PASSWORD'], /^\$\{POSTGRES_PASSWORD:\?/);
  t.same(ports, ['127.0.0.1:8000:8000']);
  t.same(
    volumes?.map((volume) => filled(volume, { DASHBOARDS: './mine' })),
    ['./mine:/dashboards:ro', 'data:/data'],
  );

  const given = { ADMIN_TOKEN: 'x'.repeat(64), POSTGRES_PASSWORD: 'y' };
  const settings = Object.entries({ ...environment, HOST: '0.0.0.0' }).map(([name, value]) => [
    name,
    filled(value, given),
  ]);
  const config = loadConfig(Object.fromEntries(settings));
  t.match(config, { auth: 'none', redisUrl: 'redis://redis:6379' });
  t.equal(config.databaseUrl, 'postgres://dashcache:y@postgres:5432/dashcache');
  t.throws(
    () => loadConfig({ HOST: '0.0.0.0' }),
    ConfigFaults,
    'without a word on who may read it would not start',
  );
});

t.test('Redis takes its command, and then evicts entries but never what has no expiry', async (t) => {
  const [program, ...args] = services.redis.command ?? [''];
  t.equal(program, 'redis-server');
  const server = await startRedis({ args });
  t.teardown(() => server.stop());
  const redis = new Redis(server.url, { protocol: 2 });
  t.teardown(() => redis.disconnect());
  const told = async (name: string) => ((await redis.config('GET', name)) as string[])[1];
  t.equal(await told('maxmemory'), String(100 * 1024 ** 2));
  t.equal(await told('maxmemory-policy'), 'volatile-lru');
  t.equal(await told('save'), '');
  t.equal(await told('appendonly'), 'no');

  const megabyte = 'x'.repeat(1024 ** 2);
  await redis.set('root', 'kept');
  for (let index = 0; index < 150; index++) await redis.set(`entry:${index}`, megabyte, 'EX', 600);
  t.equal(await redis.get('root'), 'kept');
  const left = await redis.dbsize();
  t.ok(left > 50 && left < 100, `${left} of 151 keys are left`);
});
