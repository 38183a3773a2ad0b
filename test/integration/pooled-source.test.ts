import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { startPgbouncer } from '../helpers/pgbouncer.js';
import { startPostgres } from '../helpers/postgres-server.js';
import { childEnvironment } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { within } from '../helpers/within.js';
import { builtCommand, builtService } from './support/built-service.js';

const PATH = '/dashboards/shop/summary';
const run = promisify(execFile);

t.test('a source behind PgBouncer whose feed goes to the database itself', async (t) => {
  const server = await startPostgres({ lines: ['wal_level = logical'] });
  t.after(() => server.stop());
  await server.query('CREATE TABLE tasks (id integer PRIMARY KEY)');
  const pooler = await startPgbouncer(t, { targetPort: server.port });
  const folder = tempFolder(t);
  const declare = (url: string) =>
    writeFileSync(
      join(folder, 'dashcache.yaml'),
      `sources:
  main:
    type: postgres
    url: "\${DATABASE_URL}"
    changes: { feed: logical, ${url}tables: { tasks: {} } }
defaults: { ttl: 1h }
`,
    );
  writeFileSync(
    join(folder, 'shop.yaml'),
    'id: shop\nsource: main\nsummary: { query: SELECT count(*) AS tasks FROM tasks }\n',
  );
  const environment = {
    DASHCACHE_CONFIG: folder,
    DATABASE_URL: pooler.through(server.url),
    DATABASE_DIRECT_URL: server.url,
  };
  const changes = (action: string) => {
    const [program, ...words] = builtCommand();
    const env = { ...childEnvironment(), ...environment };
    return run(program, [...words, 'changes', action], { env });
  };

  declare('');
  await t.rejects(changes('status'), { code: 3, stderr: /shares sessions.*`changes: \{ url: \.\.\. \}`/ });
  const service = await builtService({ environment });
  t.after(() => service.stop());
  const degraded = async () => ((await (await service.get('/health/ready')).json()) as Ready).degraded;
  const tasks = async () => ((await (await service.get(PATH)).json()) as Answer).data.tasks;
  t.equal(await tasks(), 0, 'the panels are there');
  t.same(await degraded(), ['feed:main']);
  await within(
    10_000,
    () => service.lines.some((line) => line.includes('shares sessions')),
    'the log says why',
  );

  declare(`url: "\${DATABASE_DIRECT_URL}", `);
  t.match((await changes('install')).stdout, 'main (logical): ✓ installed, 1 statement');
  await within(20_000, async () => (await degraded()).length === 0, 'the reload has mended it');
  t.equal(await tasks(), 0);
  await server.query('INSERT INTO tasks VALUES (1)');
  await within(5000, async () => (await tasks()) === 1, 'the change is shown');
  const { rows } = await server.query('SELECT count(*)::int AS streams FROM pg_stat_replication');
  t.same(rows, [{ streams: 1 }], 'it came by the stream');
});

interface Ready {
  readonly degraded: readonly string[];
}

interface Answer {
  readonly data: { readonly tasks: number };
}
