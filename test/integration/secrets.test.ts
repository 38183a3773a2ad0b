import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCommand } from '../../cli/run-command.js';
import { configSchema } from '../../config/settings.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { freePort } from '../helpers/free-port.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { within } from '../helpers/within.js';
import { builtService } from './support/built-service.js';
import { writeDatabase } from './support/shop.js';

/** Each stands in one secret place, and may be seen in none. */
const CANARY = 'canary-of-';

/** Every secret setting that can be told a lie that starts; the rest of them exclude one another. */
const secrets = (port: number): Record<string, string> => ({
  ADMIN_TOKEN: `${CANARY}admin-token-0123456789`,
  DATABASE_URL: `postgres://reader:${CANARY}database@127.0.0.1:${port}/reports`,
  REDIS_URL: `redis://default:${CANARY}redis@127.0.0.1:${port}/0`,
});

const LEGACY = { LEGACY_TOKEN: `${CANARY}legacy` };

const DASHCACHE = `
sources:
  main: { type: duckdb, path: main.duckdb }
  crm: { type: postgres, url: "\${DATABASE_URL}" }
  secured: { type: postgres, url: "\${DATABASE_URL}?sslmode=verify-full" }
  legacy: { type: http, url: "http://127.0.0.1:1/reports", headers: { authorization: "Bearer \${LEGACY_TOKEN}" } }
`;
const panel = (id: string, source: string, query: string) =>
  [`${id}.yaml`, `id: ${id}\nsource: ${source}\nmetrics: { ${query} }\n`] as const;
const DASHBOARDS = [
  panel('works', 'main', 'query: "SELECT 1 AS n"'),
  panel('faulty', 'main', `query: "SELECT CAST(note AS INTEGER) AS n, '${CANARY}sql' AS s FROM notes"`),
  panel('crm', 'crm', `query: "SELECT 1 AS n, '${CANARY}sql' AS s"`),
  panel('secured', 'secured', 'query: "SELECT 1 AS n"'),
  panel('legacy', 'legacy', 'path: /x'),
];
const PATHS = [
  ...DASHBOARDS.map(([name]) => `/dashboards/${name.replace('.yaml', '')}/metrics`),
  '/dashboards',
  '/openapi.json',
  '/metrics',
  '/reports/cache-statistics/',
  '/reports/cache-history',
  '/health/ready',
  '/cache/events',
  '/cache/switch',
  '/cache/entries?url=/dashboards/crm/metrics',
  '/cache/why?url=/dashboards/crm/metrics',
  '/nowhere',
];

/** What a command says, run in this process with these settings in the environment. */
async function command(
  words: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const before = { ...process.env };
  Object.assign(process.env, settings);
  const terminal = new FakeTerminal();
  try {
    await runCommand(words, terminal);
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
    Object.assign(process.env, before);
  }
  return `${terminal.outText}\n${terminal.errText}`;
}

/** Where in a text a canary is, with what stands before it. */
const seen = (text: string): string[] => text.match(new RegExp(`.{0,120}${CANARY}.{0,20}`, 'g')) ?? [];

t.test('a secret in every place that has one, and everything fails: none is ever seen', async (t) => {
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  await writeDatabase(join(folder, 'main.duckdb'), ["CREATE TABLE notes AS SELECT 'no number' AS note"]);
  writeFileSync(join(folder, 'dashcache.yaml'), DASHCACHE);
  for (const [name, text] of DASHBOARDS) writeFileSync(join(folder, name), text);
  const environment = { ...secrets(await freePort()), ...LEGACY, DASHCACHE_CONFIG: folder };
  const service = await builtService({ environment });
  t.teardown(() => service.stop());

  const asked = PATHS.flatMap((path) => [
    { path, authorization: `Bearer ${CANARY}admin-token-0123456789` },
    { path, authorization: `Bearer ${CANARY}wrong` },
  ]);
  await Promise.all(
    asked.map(async ({ path, authorization }) => {
      const answer = await service.get(path, { headers: { authorization } });
      const told = `${JSON.stringify([...answer.headers])}\n${await answer.text()}`;
      t.same(seen(told), [], `${path}: ${answer.status}`);
    }),
  );

  const file = join(folder, 'dashcache.yaml');
  for (const broken of ['sources: [', `${DASHCACHE}  more: { type: none, url: "\${DATABASE_URL}" }\n`]) {
    writeFileSync(file, broken);
    const linesCount = service.lines.length;
    service.signal('SIGHUP');
    await within(10_000, () => service.lines.length > linesCount, 'the reload is told of');
    t.same(seen(await command(['validate'], environment)), [], 'validate, of broken definitions');
  }
  writeFileSync(file, DASHCACHE);
  for (const words of [
    ['doctor'],
    ['doctor', '--json'],
    ['validate'],
    ['validate', '--json'],
    ['--help'],
    ['serve', '--help'],
    ['stats'],
  ]) {
    const said = await command(words, { ...environment, DASHCACHE_URL: service.url });
    t.ok(said.trim().length > 20, `${words.join(' ')} says something`);
    t.same(seen(said), [], words.join(' '));
  }
  await service.stop();
  t.same(service.lines.flatMap(seen), [], 'the log');
  t.ok(service.lines.length > 20, `which has ${service.lines.length} lines`);
  t.same(seen(service.errorText), []);
});

t.test('settings that are refused: the fault names the variable, and shows no secret', async (t) => {
  const secret = Object.values(configSchema.properties).filter(({ about }) => about.secret);
  t.ok(secret.length >= 5);
  for (const { about } of secret) {
    const said = await command(['serve'], {
      [about.variable]: `${CANARY}broken \x01`,
      PORT: '0',
      REDIS_PREFIX: '?',
    });
    t.match(said, /REDIS_PREFIX/, 'the start is refused');
    t.same(seen(said), [], about.variable);
  }
});

t.test('a canary in sight is seen (control)', async (t) => {
  t.strictSame(seen(`a ${CANARY}b`), [`a ${CANARY}b`]);
});
