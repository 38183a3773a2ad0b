import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installationStatus, runStatements } from '../../../services/changes/install/installation.js';
import { documentedUser } from '../../helpers/documented-user.js';
import type { Lifetime } from '../../helpers/lifetime.js';
import { type PostgresServer, startPostgres } from '../../helpers/postgres-server.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';
import type { Service } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { changesOf, feedOptions } from '../../services/changes/support/feed-room.js';
import { type Answer, type AskOptions, ask } from './ask.js';
import { builtService } from './built-service.js';
import { STATEMENT_LOG_LINES, StatementLog } from './statement-log.js';
import { until } from './until.js';

export interface WatchedOptions {
  /** Creates the tables. */
  readonly schema: string;
  /** Those that the feed watches. */
  readonly tables: readonly string[];
  /** Dashboards by the names of their files. */
  readonly dashboards: Readonly<Record<string, string>>;
  /** More keys of the source, as YAML, e.g. `budget: 60/min`. */
  readonly source?: string;
  /** Of dashcache.yaml. */
  readonly defaults?: string;
  /** Default: logical. */
  readonly feed?: 'logical' | 'notify';
  readonly environment?: Readonly<Record<string, string>>;
}

export interface WatchedService extends Service {
  readonly server: PostgresServer;
  readonly redis: RedisServer;
  /** Its settings, for a command that is to have the same. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the server was asked by the service. */
  readonly statements: StatementLog;
  ask(path: string, options?: AskOptions): Promise<Answer>;
}

/** The role that the service connects as, whose statements alone are logged. */
const ROLE = `CREATE ROLE dashcache LOGIN REPLICATION;
  ALTER ROLE dashcache SET log_statement = 'all';
  GRANT USAGE ON SCHEMA public TO dashcache;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO dashcache`;

/** The real process with a real Redis on a real PostgreSQL, whose feed is heard when it resolves. */
export async function watchedService(t: Lifetime, options: WatchedOptions): Promise<WatchedService> {
  const { feed = 'logical', tables } = options;
  const server = await startPostgres({ lines: ['wal_level = logical', ...STATEMENT_LOG_LINES] });
  t.teardown(() => server.stop());
  await server.query(ROLE);
  await server.query(options.schema);
  const watched = Object.fromEntries(tables.map((table) => [table, {}]));
  const owner = feedOptions({ url: server.url, changes: changesOf(feed, watched) });
  await runStatements(owner, (await installationStatus(owner, 'dashcache')).install);
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const environment = {
    DASHCACHE_CONFIG: definitions(t, options),
    DATABASE_URL: server.url.replace('postgres@', 'dashcache@'),
    REDIS_URL: redis.url,
    LOG_LEVEL: 'warn',
    ...options.environment,
  };
  const service = await builtService({ environment });
  t.teardown(() => service.stop());
  const isHeard = async () => {
    const metrics = await ask(`${service.url}/metrics`).catch(() => null);
    return metrics?.text.includes('dashcache_feed_ok{source="main"} 1') === true;
  };
  if (!(await until(isHeard)))
    throw new Error(`The feed is not heard:\n${service.errorText}\n${service.lines.join('\n')}`);
  return Object.assign(service, {
    server,
    redis,
    environment,
    statements: new StatementLog(server),
    ask: (path: string, how?: AskOptions) => ask(service.url + path, how),
  });
}

function definitions(t: Lifetime, { feed = 'logical', ...options }: WatchedOptions): string {
  const folder = tempFolder(t);
  const tables = options.tables.map((table) => `        ${table}: {}`).join('\n');
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:
  main:
    type: postgres
    url: "\${DATABASE_URL}"
${options.source ? `    ${options.source}\n` : ''}    changes:
      feed: ${feed}
      tables:
${tables}
defaults: { ${options.defaults ?? ''} }
`,
  );
  for (const [name, text] of Object.entries(options.dashboards)) writeFileSync(join(folder, name), text);
  return folder;
}
