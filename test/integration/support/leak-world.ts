import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from '../../helpers/lifetime.js';
import { startRedis } from '../../helpers/redis-server.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { builtService } from './built-service.js';

export const TENANTS_COUNT = 20;
export const ADMIN_TOKEN = 'the-token-of-the-administrators-of-the-leak-world';

/** What stands in every value of a tenant's rows, and nowhere else. */
export const canaryOf = (tenant: number): string =>
  `canary-${tenant}-${createHash('md5').update(`c${tenant}`).digest('hex')}`;

/** The API key of a tenant; every fifth one has a second tenant as well. */
export const keyOf = (tenant: number): string => `key-of-tenant-${tenant}`;

export const tenantsOf = (tenant: number): number[] =>
  tenant % 5 === 0 ? [tenant, (tenant % TENANTS_COUNT) + 1] : [tenant];

const TENANTS = Array.from({ length: TENANTS_COUNT }, (_, i) => i + 1);

const DASHBOARD = `
id: notes
title: Notes
source: main
params:
  tenant_id: { type: integer, minimum: 1, tenant: true, options: SELECT id, name FROM tenants ORDER BY id }
  word: { type: string, max_length: 60, default: canary, options: SELECT DISTINCT text FROM notes WHERE tenant_id = :tenant_id ORDER BY 1 }
  day: { type: date, default: 2026-01-01 }
metrics:
  query: SELECT count(*) AS notes, max(text) AS last FROM notes WHERE tenant_id = :tenant_id AND text LIKE '%' || :word || '%' AND day >= :day
charts:
  list:
    type: table
    labels: day
    query: SELECT day, text FROM notes WHERE tenant_id = :tenant_id AND text LIKE '%' || :word || '%' AND day >= :day ORDER BY day, text
summary:
  query: SELECT name FROM tenants WHERE id = :tenant_id
`;

/** Several processes of the built service on one Redis, with twenty tenants who each have a key. */
export async function leakWorld(life: Lifetime, processesCount: number): Promise<readonly string[]> {
  const redis = await startRedis();
  life.teardown(() => redis.stop());
  const folder = join(tempFolder(life), 'dashboards');
  mkdirSync(folder);
  const notes = TENANTS.flatMap((tenant) =>
    Array.from(
      { length: 60 },
      (_, i) => `${tenant},${canaryOf(tenant)}-${i},2026-01-${String(1 + (i % 28)).padStart(2, '0')}`,
    ),
  );
  const files = {
    'dashcache.yaml':
      'sources:\n  main: { type: duckdb, files: { notes: notes.csv, tenants: tenants.csv } }\n',
    'notes.yaml': DASHBOARD,
    'notes.csv': `tenant_id,text,day\n${notes.join('\n')}\n`,
    'tenants.csv': `id,name\n${TENANTS.map((tenant) => `${tenant},${canaryOf(tenant)}`).join('\n')}\n`,
    'keys.yaml': `keys:\n${TENANTS.map(
      (tenant) =>
        `  - { name: tenant ${tenant}, sha256: ${createHash('sha256').update(keyOf(tenant)).digest('hex')}, tenants: [${tenantsOf(tenant).join(', ')}], roles: [reader] }\n`,
    ).join('')}`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, '..', name), text);
  for (const name of ['dashcache.yaml', 'notes.yaml', 'notes.csv', 'tenants.csv'] as const)
    writeFileSync(join(folder, name), files[name]);
  const environment = {
    ADMIN_TOKEN,
    API_KEYS_FILE: join(folder, '..', 'keys.yaml'),
    DASHCACHE_CONFIG: folder,
    LOG_LEVEL: 'error',
    REDIS_URL: redis.url,
  };
  const services = await Promise.all(
    Array.from({ length: processesCount }, () => builtService({ environment })),
  );
  for (const service of services) life.teardown(() => service.stop());
  return services.map(({ url }) => url);
}
