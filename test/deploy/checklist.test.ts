import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { documentedUser } from '../helpers/documented-user.js';
import { type RedisOptions, startRedis } from '../helpers/redis-server.js';
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

/** The shop, served by the built service on a Redis of its own, and its commands as they are typed. */
async function shop(t: Test, redisOptions: RedisOptions) {
  const redis = await startRedis(redisOptions);
  t.teardown(() => redis.stop());
  const dashboards = await shopFolder(t);
  const folder = join(dashboards, '..');
  mkdirSync(join(folder, 'logs'));
  mkdirSync(join(folder, 'src'));
  const settings = {
    DASHCACHE_CONFIG: dashboards,
    REDIS_URL: redis.url,
    LOG_FILE: join(folder, 'logs', 'cache.log'),
  };
  const service = await builtService({ environment: settings });
  t.teardown(() => service.stop());
  const program = builtCommand();
  return {
    file: join(folder, 'src', 'views.py'),
    /** A dashboard is opened for so many sites, so often each. */
    async open(sitesCount: number, timesCount: number) {
      for (let site = 1; site <= sitesCount; site++)
        for (let again = 0; again < timesCount; again++)
          await (await service.get(`/dashboards/shop?site_id=${site}`)).arrayBuffer();
    },
    run: (typed: string) =>
      shell(typed, { folder, program, environment: { ...settings, DASHCACHE_URL: service.url } }),
  };
}

t.test('given all is well, every command of the checklist ends with 0: its line may be ticked', async (t) => {
  const { file, open, run } = await shop(t, { user: documentedUser() });
  writeFileSync(file, 'def has(site):\n    return Task.objects.filter(site=site).count() > 0\n');
  await open(5, 4);
  for (const typed of new Set(rows.flatMap(({ commands }) => commands))) {
    // Needs a cluster: test/deploy/two-versions.test.ts does what it does.
    if (typed.startsWith('kubectl')) continue;
    const { code, output } = await run(typed);
    t.equal(code, 0, code === 0 ? typed : `${typed}\n${output}`);
  }
  t.match(readFileSync(file, 'utf8'), /filter\(site=site\)\.exists\(\)/, 'the optimizer was applied');
});

t.test('given it is not, each command that can see that ends with 1 and says what it saw', async (t) => {
  const { file, open, run } = await shop(t, {
    args: ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'],
  });
  writeFileSync(file, 'def has(site:\n');
  await open(30, 1);
  // What the report misses it has to have seen for a minute: test/integration/report.test.ts turns the clock.
  for (const [typed, seen] of [
    ['dashcache doctor', /allkeys-lru/],
    ['dashcache optimize --path src', /views\.py/],
  ] as const) {
    const { code, output } = await run(typed);
    t.equal(code, 1, `${typed}\n${output}`);
    t.match(output, seen, typed);
  }
  t.equal((await run('dashcache stats --every-day')).code, 2, 'a word that no command has');
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
