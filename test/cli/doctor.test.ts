import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { doctorLines } from '../../cli/doctor-lines.js';
import { runCommand } from '../../cli/run-command.js';
import { CHECKS } from '../../services/doctor/checks.js';
import { type DoctorResult, runChecks } from '../../services/doctor/run-checks.js';
import { askRedis } from '../helpers/ask-redis.js';
import { documentedUser } from '../helpers/documented-user.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { freePort } from '../helpers/free-port.js';
import { startRedis } from '../helpers/redis-server.js';
import { SILENCE, scriptedService } from '../helpers/scripted-service.js';
import { ask } from '../integration/support/ask.js';
import { builtService } from '../integration/support/built-service.js';
import { watchedService } from '../integration/support/watched-service.js';
import { BAD } from '../services/doctor/support/bad-facts.js';
import { goodFacts } from '../services/doctor/support/good-facts.js';

const FILES = {
  'dashcache.yaml': 'sources:\n  main: { type: duckdb, files: { sales: sales.csv } }\n',
  'sales.csv': 'region,amount\nnorth,10\nsouth,20\n',
  'sales.yaml': `id: sales
source: main
params: { region: { type: string, max_length: 20, default: north } }
metrics: { query: SELECT sum(amount) AS total FROM sales WHERE region = :region }
`,
};

interface Ran {
  readonly exitCode: number;
  readonly text: string;
  readonly result: DoctorResult & { readonly ok: boolean };
}

/** Runs the command with these settings in the environment. */
async function run(environment: Readonly<Record<string, string>>, ...words: string[]): Promise<Ran> {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  const terminal = new FakeTerminal();
  try {
    const exitCode = await runCommand(words, terminal);
    const { outText, errText } = terminal;
    return {
      exitCode,
      text: outText + errText,
      result: outText.startsWith('{') ? JSON.parse(outText) : null,
    };
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** A service on two regions of sales, and how the doctor finds it. */
async function salesService(t: Test, environment: Readonly<Record<string, string>> = {}) {
  const settings = { DASHCACHE_CONFIG: t.testdir(FILES), LOG_LEVEL: 'warn', ...environment };
  const service = await builtService({ environment: settings });
  t.teardown(() => service.stop());
  return {
    read: (region: string) => ask(`${service.url}/dashboards/sales/metrics?region=${region}`),
    put: (body: object) => ask(`${service.url}/cache/switch`, { method: 'PUT', body }),
    examine: () => run(settings, 'doctor', '--url', service.url, '--json'),
  };
}

function of({ result }: Ran, id: string) {
  return result.findings.filter(({ check }) => check === id);
}

/** What this machine is like and how busy, which is not for the test to say. */
const OF_MACHINE = [
  'event-loop',
  'redis-latency',
  'load-time',
  'cache-slow',
  'file-descriptors',
  'memory-limit',
  'log-file',
];

t.test('a service that is well, on a database with a feed: nothing is found, with exit code 0', async (t) => {
  const service = await watchedService(t, {
    schema: `CREATE TABLE tasks (id bigint PRIMARY KEY, site_id integer);
      INSERT INTO tasks SELECT i, i % 9 FROM generate_series(1, 90) AS i;
      ALTER ROLE dashcache SET statement_timeout = '60s'`,
    tables: ['tasks'],
    dashboards: {
      'operations.yaml': `id: operations
source: main
params: { site_id: { type: integer, tenant: true } }
metrics: { query: SELECT count(*) AS total FROM tasks WHERE site_id = :site_id }
`,
    },
  });
  await askRedis(service.redis.adminUrl, 'CONFIG', 'SET', 'maxmemory', '300mb');
  for (let i = 0; i < 10; i++) await service.ask('/dashboards/operations/metrics?site_id=7');
  const environment = { ...service.environment, DASHCACHE_URL: service.url };
  const { exitCode, text, result } = await run(environment, 'doctor', '--json');
  const unexpected = result.findings.filter(({ check }) => !OF_MACHINE.includes(check));
  t.same(unexpected, [], text);
  t.same(result.not_checked, []);
  if (result.findings.length === 0) t.equal(exitCode, 0);
  for (const id of ['index-missing', 'feed-lag', 'definitions-same', 'redis-rights', 'hit-rate-zero'])
    t.ok(result.fine.includes(id), `${id} was looked at`);

  await t.test('what goes wrong meanwhile is found, with exit code 1', async (t) => {
    await askRedis(service.redis.adminUrl, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await service.server.query('GRANT INSERT ON tasks TO dashcache');
    await service.server.query("SELECT pg_create_physical_replication_slot('forgotten')");
    const ran = await run(environment, 'doctor', '--json');
    t.equal(ran.exitCode, 1);
    for (const id of ['redis-eviction-policy', 'source-read-only', 'source-slots'])
      t.equal(of(ran, id).length, 1, id);
    t.match((await run(environment, 'doctor')).text, /^ {2}fix {3}set maxmemory-policy to volatile-lru/m);
  });

  await t.test(
    'without its Redis and its database each is named, and what they would tell is not checked',
    async (t) => {
      await service.redis.kill();
      await service.server.kill();
      const ran = await run(environment, 'doctor', '--json');
      t.match(of(ran, 'redis-ping'), [{ evidence: /ECONNREFUSED/ }]);
      t.match(of(ran, 'source-reachable'), [{ evidence: /ECONNREFUSED/ }]);
      const unseen = ran.result.not_checked.map(({ check }) => check);
      for (const id of ['redis-eviction-policy', 'source-read-only']) t.ok(unseen.includes(id), id);
    },
  );
});

t.test('a hit rate of 0 % is explained by what it really comes from', async (t) => {
  await t.test('nobody has read yet: a note, which is no failure', async (t) => {
    const { examine } = await salesService(t);
    t.match(of(await examine(), 'hit-rate-zero'), [{ severity: 'note', evidence: /no traffic yet/ }]);
  });

  await t.test('CACHE_ENABLED=false', async (t) => {
    const { read, examine } = await salesService(t, { CACHE_ENABLED: 'false' });
    for (let i = 0; i < 5; i++) await read('north');
    const ran = await examine();
    t.equal(ran.exitCode, 1);
    t.match(of(ran, 'hit-rate-zero'), [
      {
        severity: 'error',
        evidence: /Cause: CACHE_ENABLED=false: 5 of 5 reads/,
        fix: /set CACHE_ENABLED=true/,
      },
    ]);
  });

  await t.test('a switch that is off', async (t) => {
    const { read, put, examine } = await salesService(t);
    await put({ enabled: false });
    for (let i = 0; i < 5; i++) await read('north');
    const ran = await examine();
    t.match(of(ran, 'hit-rate-zero'), [{ evidence: /kill switch is off/, fix: /dashcache switch on/ }]);
    t.equal(of(ran, 'switch-off').length, 1);
  });

  await t.test('every read with other parameters; and with some that repeat, a low rate', async (t) => {
    const { read, examine } = await salesService(t);
    for (let i = 0; i < 30; i++) await read(`r${i}`);
    const ran = await examine();
    t.match(of(ran, 'hit-rate-zero')[0], {
      evidence:
        /hardly any combination of parameters comes twice: sales\/metrics: 30 combinations in 30 loads, 30 values of region/,
      fix: /region/,
    });
    t.equal(of(ran, 'parameter-cardinality').length, 1);
    for (let i = 0; i < 5; i++) await read('r1');
    const low = await examine();
    t.equal(of(low, 'hit-rate-zero').length, 0);
    t.match(of(low, 'hit-rate-low')[0], { severity: 'warning', evidence: /hit rate 14\.29 %.*hardly any/ });
  });
});

t.test('a dashboard without a tenant on files that have its column is found', async (t) => {
  const files = {
    ...FILES,
    'sales.yaml': FILES['sales.yaml'].replace(
      'max_length: 20, default: north',
      'max_length: 20, tenant: true',
    ),
    'all.yaml': 'id: all\nsource: main\nmetrics: { query: SELECT sum(amount) AS total FROM sales }\n',
  };
  const ran = await run({}, 'validate', t.testdir(files), '--deployment');
  t.equal(ran.exitCode, 1);
  t.match(ran.text, /warning: tenant-scoping\n {2}seen {2}all .* has no tenant, and reads sales\.region$/m);
});

t.test('interrupted, it ends as shells have it', async (t) => {
  const silent = await scriptedService(t, { 'GET /health/live': SILENCE });
  const ran = run({ DASHCACHE_CONFIG: t.testdir(FILES) }, 'doctor', '--url', silent.url);
  await silent.asked;
  process.emit('SIGINT');
  const { exitCode, text } = await ran;
  t.equal(exitCode, 130);
  t.match(text, 'Interrupted');
});

t.test('without a service that is the first finding, and what is its own is not checked', async (t) => {
  const environment = {
    DASHCACHE_CONFIG: t.testdir(FILES),
    DASHCACHE_URL: `http://127.0.0.1:${await freePort()}`,
  };
  const ran = await run(environment, 'doctor', '--json');
  t.equal(ran.exitCode, 1);
  t.match(ran.result.findings[0], { check: 'service-reachable', evidence: /nothing listens there/ });
  t.ok(ran.result.not_checked.some(({ check }) => check === 'hit-rate-zero'));
});

t.test('called wrongly it ends with 2, with settings that are wrong with 3', async (t) => {
  t.equal((await run({}, 'doctor', '/no/such/folder')).exitCode, 2);
  t.equal((await run({}, 'doctor', '--url', 'localhost')).exitCode, 2);
  const wrong = await run({ PORT: 'x' }, 'doctor');
  t.equal(wrong.exitCode, 3);
  t.match(wrong.text, 'PORT is "x"');
});

t.test('validate --deployment asks Redis and the sources before anything runs', async (t) => {
  const user = documentedUser();
  const good = await startRedis({ user, lines: ['maxmemory 300mb', 'maxmemory-policy volatile-lru'] });
  t.teardown(() => good.stop());
  const folder = t.testdir(FILES);
  const fine = await run({ REDIS_URL: good.url }, 'validate', folder, '--deployment');
  t.equal(fine.exitCode, 0, fine.text);
  t.match(fine.text, '✓ All checks passed!');

  await askRedis(good.adminUrl, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  const bad = await run({ REDIS_URL: good.url }, 'validate', folder, '--deployment');
  t.equal(bad.exitCode, 1);
  t.match(bad.text, /warning: redis-eviction-policy\n {2}seen .*allkeys-random/);
  t.match(bad.text, '✗ Not ready to be deployed');
  const json = await run({ REDIS_URL: good.url }, 'validate', folder, '--deployment', '--json');
  t.match(json.result, { ok: false, deployment: { findings: [{ check: 'redis-eviction-policy' }] } });
  t.equal(
    (await run({ REDIS_URL: good.url }, 'validate', folder)).exitCode,
    0,
    'without it nothing is asked',
  );
});

t.test('docs/commands.md shows what is printed', async (t) => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const spoiled = await BAD['redis-eviction-policy']?.(await goodFacts(t), t);
  if (!spoiled) throw new Error('There is no bad environment');
  const lines = doctorLines(runChecks(CHECKS, spoiled), new FakeTerminal().colors);
  t.ok(page.includes(['$ dashcache doctor ./dashboards', ...lines].join('\n')), lines.join('\n'));
});

t.test('all is fine, something is not checked, and each severity read differently', async (t) => {
  const { colors } = new FakeTerminal();
  const good = await goodFacts(t);
  t.same(doctorLines(runChecks(CHECKS, good), colors), [
    `${CHECKS.length} checks fine`,
    '✓ All checks passed!',
  ]);
  const blind = runChecks(CHECKS, { ...good, redis: { known: false, reason: 'no\u001b[31m rights' } });
  t.match(doctorLines(blind, colors), [/^not checked: redis-latency, .*: no\\u001b\[31m rights$/]);
  t.match(doctorLines(blind, colors).at(-1), 'Nothing was found in what could be checked');
});

t.test('where somebody watches, what is asked is shown and taken away', async (t) => {
  const terminal = new FakeTerminal({ errWatched: true });
  const folder = t.testdir(FILES);
  t.equal(await runCommand(['validate', folder, '--deployment'], terminal), 0, terminal.errText);
  t.same([terminal.overwritten[0], terminal.overwritten.at(-1)], ['asking the service', '']);
});
