import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { startFaultProxy } from '../helpers/fault-proxy.js';
import { type PostgresServer, startPostgres } from '../helpers/postgres-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { until } from './support/until.js';

const PATH = '/dashboards/shop/summary';
/** The figure. */
const FRESH_WITHIN_MS = 3000;

async function shop(t: Test, url: string): Promise<ListeningApp> {
  const folder = tempFolder(t);
  // Fresh for a moment, and then kept for a source that fails.
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources: { main: { type: postgres, url: "\${DATABASE_URL}", pool: 2 } }\ndefaults: { ttl: 50ms, grace: 0s, stale_if_error: 1h, deadline: 1s }\n`,
  );
  writeFileSync(
    join(folder, 'shop.yaml'),
    'id: shop\nsource: main\nsummary: { query: SELECT version FROM versions }\n',
  );
  return listeningApp(t, { folder, environment: { DATABASE_URL: url } });
}

async function serverWithData(t: Test, lines: readonly string[] = []): Promise<PostgresServer> {
  const server = await startPostgres({ lines });
  t.after(() => server.stop());
  await server.query('CREATE TABLE versions AS SELECT 1 AS version');
  return server;
}

/** During the outage: the old value, marked. After it: the new one, soon. */
async function outage(
  t: Test,
  service: ListeningApp,
  { begin, end }: { begin: () => Promise<void>; end: () => Promise<void> },
): Promise<void> {
  t.match((await service.get(PATH)).json(), { data: { version: 1 } });
  t.match((await service.get('/health/ready')).json(), { degraded: [] });
  await begin();
  const isMarked = async () => {
    const answer = await service.get(PATH);
    t.match(answer.json(), { data: { version: 1 } }, 'never nothing');
    return answer.cacheStatus.includes('detail=stale-if-error');
  };
  t.ok(await until(isMarked), 'the old value is served and marked');
  for (let look = 0; look < 3; look++) t.ok(await isMarked(), 'as long as it lasts');
  const degraded = async () => (await service.get('/health/ready')).json<{ degraded: string[] }>().degraded;
  t.ok(await until(async () => (await degraded()).includes('source:main')), 'readiness says so');
  await end();
  const startMs = performance.now();
  const isFresh = async () =>
    (await service.get(PATH)).json<{ data: { version: number } }>().data.version === 2;
  t.ok(await until(isFresh), 'the new value comes');
  const freshMs = performance.now() - startMs;
  t.comment(`fresh after ${Math.round(freshMs)} ms`);
  t.ok(freshMs <= FRESH_WITHIN_MS, `fresh within 3 s (${Math.round(freshMs)} ms)`);
  t.match((await service.get('/health/ready')).json(), { degraded: [] });
}

t.test('a server that is killed and comes back', async (t) => {
  const server = await serverWithData(t);
  const service = await shop(t, server.url);
  await outage(t, service, {
    begin: () => server.kill(),
    async end() {
      await server.restart();
      await server.query('UPDATE versions SET version = 2');
    },
  });
});

t.test('a server that is frozen and thawed', async (t) => {
  const server = await serverWithData(t);
  const service = await shop(t, server.url);
  await outage(t, service, {
    begin: () => server.freeze(),
    async end() {
      await server.thaw();
      await server.query('UPDATE versions SET version = 2');
    },
  });
});

t.test('a line on which nothing passes any more, and then does', async (t) => {
  const server = await serverWithData(t);
  const proxy = await startFaultProxy({ targetPort: server.port });
  t.after(() => proxy.stop());
  const service = await shop(t, proxy.through(server.url));
  await outage(t, service, {
    begin: async () => proxy.blackhole(),
    async end() {
      await server.query('UPDATE versions SET version = 2');
      await proxy.heal();
    },
  });
});

t.test('a server that accepts no more connections, and then does', async (t) => {
  const server = await serverWithData(t, ['max_connections = 8', 'max_wal_senders = 0']);
  const service = await shop(t, server.url);
  const hogs: pg.Client[] = [];
  const hog = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => {});
    try {
      await client.connect();
      hogs.push(client);
      return true;
    } catch {
      return false;
    }
  };
  t.after(() => Promise.all(hogs.map((client) => client.end())));
  await outage(t, service, {
    async begin() {
      while (await hog());
      await hogs[0]?.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dashcache'",
      );
      t.ok(await until(hog), 'what it had is taken too');
      while (await hog());
    },
    async end() {
      await hogs[0]?.query('UPDATE versions SET version = 2');
      await Promise.all(hogs.splice(0).map((client) => client.end()));
    },
  });
});
