import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangeFeed } from '../../../services/changes/change-feed.js';
import { installationStatus, runStatements } from '../../../services/changes/install/installation.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { type FaultProxy, startFaultProxy } from '../../helpers/fault-proxy.js';
import type { Lifetime } from '../../helpers/lifetime.js';
import { type PostgresServer, startPostgres } from '../../helpers/postgres-server.js';
import { startRedis } from '../../helpers/redis-server.js';
import type { Service } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { within } from '../../helpers/within.js';
import { changesOf, feedOptions } from '../../services/changes/support/feed-room.js';
import { builtService } from './built-service.js';

/** Site 1 to 3 have a task each; the tenant is part of the keys, so that every feed knows the old row's. */
const SCHEMA = `
  CREATE TABLE tasks (id bigint GENERATED ALWAYS AS IDENTITY, site_id integer,
    mark integer NOT NULL DEFAULT 0, name text, PRIMARY KEY (id, site_id));
  CREATE VIEW open_tasks AS SELECT id, site_id, mark FROM tasks WHERE mark >= 0;
  CREATE TABLE visits (id integer, site_id integer, month integer, PRIMARY KEY (id, site_id, month)) PARTITION BY RANGE (month);
  CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (1) TO (2);
  CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM (2) TO (3);
  CREATE TABLE stock (id integer PRIMARY KEY, amount integer);
  CREATE TABLE prices (id integer PRIMARY KEY, price integer);
  INSERT INTO tasks (site_id, mark) SELECT g, 0 FROM generate_series(1, 3) g;
  INSERT INTO visits SELECT g, g, 1 FROM generate_series(1, 3) g;
  INSERT INTO stock VALUES (1, 10);
  CREATE ROLE dashcache LOGIN;
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO dashcache;`;

const OF_TENANTS = { tenant_column: 'site_id' };

/** What a poll feed cannot tell it may not be asked for. */
function tablesOf(feed: ChangeFeed['kind']) {
  const ofTenants = feed === 'poll' ? {} : OF_TENANTS;
  return { tasks: ofTenants, visits: ofTenants, stock: {} };
}

function dashcacheYaml(feed: ChangeFeed['kind']): string {
  return `sources:
  main:
    type: postgres
    url: "\${DATABASE_URL}"
    changes: { feed: ${feed}, tables: ${JSON.stringify(tablesOf(feed))} }
defaults: { ttl: 1h, grace: 1h }
`;
}

/** Panels that only a change renews within the test; \`strict\` is never served what is no longer so. */
const DASHBOARDS = {
  'shop.yaml': `id: shop
source: main
params: { site_id: { type: integer, minimum: 1, tenant: true } }
metrics: { query: "SELECT count(*) AS tasks, coalesce(max(mark), 0) AS mark FROM tasks WHERE site_id = :site_id" }
charts:
  visits:
    type: bar
    labels: month
    query: SELECT month, count(*) AS visits FROM visits WHERE site_id = :site_id GROUP BY month ORDER BY month
summary: { query: "SELECT count(*) AS open FROM open_tasks WHERE site_id = :site_id" }
`,
  'strict.yaml': `id: strict
source: main
metrics: { max_staleness: 0s, query: SELECT sum(amount) AS amount FROM stock }
`,
};

export interface WatchedShopOptions {
  readonly feed: ChangeFeed['kind'];
  /** Lines of postgresql.conf. */
  readonly lines?: readonly string[];
  /** More files of definitions. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface WatchedShop {
  readonly feed: ChangeFeed['kind'];
  readonly server: PostgresServer;
  /** The first of them holds the feed; the other hears of changes by Redis. With `poll` each hears for itself. */
  readonly services: readonly [holder: Service, other: Service];
  /** Between the services and the database: breaks the lines of the feeds alone. */
  readonly feedLine: FaultProxy;
  /** Another process beside them, once nothing is degraded in it. The queries of the n-th call themselves \`dashcache-n\`. */
  startService(): Promise<Service>;
}

/**
 * Two real processes that share a Redis, on a PostgreSQL whose changes they hear, as a role that owns nothing and may read; what its
 * feed needs is installed.
 */
export async function watchedShop(
  life: Lifetime,
  { feed, lines = [], files = {} }: WatchedShopOptions,
): Promise<WatchedShop> {
  const server = await startPostgres({ lines: ['wal_level = logical', ...lines] });
  life.teardown(() => server.stop());
  await server.query(SCHEMA);
  const watched = feedOptions({ url: server.url, changes: changesOf(feed, tablesOf(feed)) });
  await runStatements(watched, (await installationStatus(watched, 'dashcache')).install);
  const feedLine = await startFaultProxy({ targetPort: server.port, only: /dashcache feed/ });
  life.teardown(() => feedLine.stop());
  const redis = await startRedis({ user: documentedUser() });
  life.teardown(() => redis.stop());

  const folder = tempFolder(life);
  for (const [name, text] of Object.entries({
    'dashcache.yaml': dashcacheYaml(feed),
    ...DASHBOARDS,
    ...files,
  }))
    writeFileSync(join(folder, name), text);
  const environment = {
    DASHCACHE_CONFIG: folder,
    REDIS_URL: redis.url,
  };
  const url = feedLine.through(server.url).replace('postgres@', 'dashcache@');
  let startedCount = 0;
  const startService = async () => {
    const DATABASE_URL = `${url}?application_name=dashcache-${++startedCount}`;
    const service = await builtService({ environment: { ...environment, DATABASE_URL } });
    life.teardown(() => service.stop());
    await within(20_000, async () => (await degradedOf(service)).length === 0, 'nothing is degraded');
    return service;
  };
  // Who comes first is elected.
  const services = [await startService(), await startService()] as const;
  return { feed, server, services, feedLine, startService };
}

export async function degradedOf(service: Pick<Service, 'get'>): Promise<readonly string[]> {
  const body = (await (await service.get('/health/ready')).json()) as { degraded: readonly string[] };
  return body.degraded;
}

/** What /metrics of a process says of the source, or of its feed; what has not happened yet has no line, and is 0. */
export async function figureOf(service: Pick<Service, 'get'>, name: string): Promise<number> {
  const text = await (await service.get('/metrics')).text();
  if (!text.includes(`# TYPE dashcache_${name} `)) throw new Error(`/metrics has no dashcache_${name}`);
  const line = text.split('\n').find((each) => each.startsWith(`dashcache_${name}{source="main"`));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** Resolves once everything that is committed by now has been told, as this process knows it. Not with `poll`, which is a minute behind. */
export async function caughtUp(service: Pick<Service, 'get'>): Promise<void> {
  const startMs = performance.now();
  const isTold = async () => {
    const elapsedMs = performance.now() - startMs;
    return (await figureOf(service, 'feed_incomplete_seconds')) * 1000 < elapsedMs;
  };
  await within(20_000, isTold, 'the feed has told all');
}
