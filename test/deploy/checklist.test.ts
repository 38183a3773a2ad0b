import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { documentedUser } from '../helpers/documented-user.js';
import { startRedis } from '../helpers/redis-server.js';
import { childEnvironment } from '../helpers/start-service.js';
import { builtCommand, builtService } from '../integration/support/built-service.js';
import { shopFolder } from '../integration/support/shop.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/deployment.md'), 'utf8');
/** What the old document asked for, in words that its row has to have. */
const OLD_LINES = [
  'validation script passes',
  'monitoring is on',
  'optimizer previewed',
  'optimizer applied',
  'Redis: ping',
  'Redis: keyspace',
  'cache_result and get_cache_stats',
  '24 h of logs, hit rate > 60 %',
  'hit rate >= 60 %',
  'load < 500 ms',
  'no cache errors in the log',
  'memory stable',
  'TTLs tuned',
  'warming',
  'patterns for more caching',
  'monitoring settings',
  'quick disable',
  'flush',
  'full roll-back',
  'success table',
  'hit rate 0 %, below 40 %, Redis above 500 MB',
  'eviction policy',
  'sign-off',
];
/** What a day of a small shop can give: nothing was measured for a week, and a bench of a test need not be healthy. */
const MAY_FIND = ['doctor', 'report', 'optimize'];

interface Row {
  readonly line: string;
  readonly commands: readonly string[];
  readonly tests: readonly string[];
}

const rows: readonly Row[] = [...PAGE.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)]
  .map(([, , line = '', commands = '', tests = '']) => ({
    line,
    commands: [...commands.matchAll(/`((?:dashcache|promtool|kubectl) [^`]+)`/g)].map(
      ([, text = '']) => text,
    ),
    tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
  }))
  .filter(({ line }) => line !== 'The old line');

t.test('every line of the old checklist has a row, with a command and a test that is there', async (t) => {
  for (const words of OLD_LINES)
    t.ok(
      rows.some(({ line }) => line.includes(words)),
      words,
    );
  for (const { line, commands, tests } of rows) {
    t.ok(commands.length > 0, line);
    for (const path of tests) t.ok(existsSync(join(ROOT, path)), path);
  }
});

t.test('every command of the checklist does what its row says', async (t) => {
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const dashboards = await shopFolder(t);
  const folder = join(dashboards, '..');
  mkdirSync(join(folder, 'logs'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(
    join(folder, 'src', 'views.py'),
    'def has(site):\n    return Task.objects.filter(site=site).count() > 0\n',
  );
  const settings = {
    DASHCACHE_CONFIG: dashboards,
    REDIS_URL: redis.url,
    LOG_FILE: join(folder, 'logs', 'cache.log'),
  };
  const service = await builtService({ environment: settings });
  t.teardown(() => service.stop());
  for (let site = 1; site <= 5; site++)
    for (let again = 0; again < 4; again++)
      await (await service.get(`/dashboards/shop?site_id=${site}`)).arrayBuffer();
  const program = builtCommand();
  const run = (typed: string) =>
    shell(typed, { folder, program, environment: { ...settings, DASHCACHE_URL: service.url } });

  for (const typed of new Set(rows.flatMap(({ commands }) => commands))) {
    const [tool, name = ''] = typed.split(' ');
    // Needs a cluster: test/deploy/two-versions.test.ts does what it does.
    if (tool === 'kubectl') continue;
    const { code, output } = await run(typed);
    if (MAY_FIND.includes(name))
      t.ok(code === 0 || code === 1, code === 0 ? typed : `${typed}: ${code}\n${output}`);
    else t.equal(code, 0, code === 0 ? typed : `${typed}\n${output}`);
  }

  t.match(
    readFileSync(join(folder, 'src', 'views.py'), 'utf8'),
    /filter\(site=site\)\.exists\(\)/,
    'the optimizer was applied',
  );
  await t.test('control: a word that no command has is noticed', async (t) => {
    t.equal((await run('dashcache stats --every-day')).code, 2);
  });
});

interface Shell {
  readonly folder: string;
  readonly program: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a line as it is typed; what it names of deploy/ is that of the project. */
function shell(
  typed: string,
  { folder, program, environment }: Shell,
): Promise<{ code: number; output: string }> {
  const script = `dashcache() { ${program.join(' ')} "$@"; }\n${typed.replace(' deploy/', ` ${ROOT}deploy/`)}`;
  const options = { cwd: folder, env: { ...childEnvironment(), ...environment }, timeout: 120_000 };
  return new Promise((resolve) => {
    execFile('bash', ['-c', `exec 2>&1\n${script}`], options, (error, output) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, output }),
    );
  });
}
