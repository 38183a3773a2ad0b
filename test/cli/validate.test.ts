import { join, relative } from 'node:path';
import t from 'tap';
import { runCommand } from '../../cli/run-command.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { freePort } from '../helpers/free-port.js';
import { startPostgres } from '../helpers/postgres-server.js';

const DASHCACHE = 'sources:\n  main: { type: duckdb, files: { sales: sales.csv } }\n';
const SALES = 'region,amount\nnorth,10\nsouth,20\n';
const DASHBOARD = `id: sales
source: main
params:
  region: { type: string, max_length: 20 }
metrics:
  query: SELECT sum(amount) AS total FROM sales WHERE region = :region
`;

interface Validation {
  exitCode: number;
  terminal: FakeTerminal;
}

async function validate(words: readonly string[], terminal = new FakeTerminal()): Promise<Validation> {
  return { exitCode: await runCommand(['validate', ...words], terminal), terminal };
}

t.test('definitions without a fault pass, with exit code 0', async (t) => {
  const folder = t.testdir({ 'dashcache.yaml': DASHCACHE, 'sales.csv': SALES, 'sales.yaml': DASHBOARD });
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 0, terminal.errText);
  t.same(terminal.outLines, ['1 dashboard, 1 panel', '✓ All checks passed!']);
  t.equal(terminal.errText, '');
});

t.test('with --json the same is said as JSON', async (t) => {
  const folder = t.testdir({ 'dashcache.yaml': DASHCACHE, 'sales.csv': SALES, 'sales.yaml': DASHBOARD });
  const { exitCode, terminal } = await validate([folder, '--json']);
  t.equal(exitCode, 0);
  t.same(JSON.parse(terminal.outText), {
    ok: true,
    dashboards: 1,
    panels: 1,
    faults: [],
    warnings: [],
    absent: [],
  });
});

t.test('a panel whose tables nobody can tell is a fault until it says what to do', async (t) => {
  const opaque = DASHBOARD.replace('FROM sales', "FROM query_table(['sales'])");
  const validated = (dashboard: string) =>
    validate([t.testdir({ 'dashcache.yaml': DASHCACHE, 'sales.csv': SALES, 'sales.yaml': dashboard })]);
  const { exitCode, terminal } = await validated(opaque);
  t.equal(exitCode, 1);
  t.match(terminal.outText, /sales\.yaml:5:1: error: nobody can tell which tables this panel reads/);
  t.match(terminal.outText, 'name them in `depends_on`, or say `ttl_only: true`');
  for (const said of ['depends_on: [sales]', 'ttl_only: true'])
    t.equal((await validated(`${opaque}  ${said}\n`)).exitCode, 0, said);
});

const TENANTS = `id: sales
source: main
params:
  region: { type: string, tenant: true }
  month: { type: string, options: "SELECT month FROM months WHERE :region = :region" }
metrics:
  query: |
    SELECT sum(amount) AS total FROM sales s JOIN months m ON m.month = s.month
    WHERE s.region = :region AND :month <> ''
summary:
  query: SELECT count(*) AS sales FROM sales WHERE region = :region OR :month = ''
`;

t.test('a query of a tenant has to be seen to read rows of that tenant alone', async (t) => {
  const validated = async (dashboard: string, dashcache = DASHCACHE) => {
    const folder = t.testdir({
      'dashcache.yaml': dashcache.replace('sales.csv', 'sales.csv, months: months.csv'),
      'sales.csv': 'region,month,amount\nnorth,may,10\n',
      'months.csv': 'month\nmay\n',
      'sales.yaml': dashboard,
    });
    return (await validate([folder])).terminal.outText.trimEnd().split('\n');
  };
  const faults = (lines: readonly string[]) =>
    lines.flatMap(
      (line) => /sales\.yaml:(\d+:\d+): error: nothing holds the rows of "(\w+)"/.exec(line)?.slice(1) ?? [],
    );
  const lines = await validated(TENANTS);
  t.same(faults(lines), ['5:54', 'months', '8:51', 'months', '11:40', 'sales'], lines.join('\n'));
  t.match(lines.join('\n'), 'such as m.region = :region');
  t.equal(lines.at(-1), '✗ 3 faults');
  const shared = DASHCACHE.replace(' }\n', ', shared_tables: [Months] }\n');
  t.same(faults(await validated(TENANTS, shared)), ['11:40', 'sales'], 'months are of no tenant');
  const declared = `${TENANTS}  tenant_proof: declared\n`;
  t.same(
    faults(await validated(declared)),
    ['5:54', 'months', '8:51', 'months'],
    'that panel is answered for',
  );
  t.equal((await validated(declared, shared)).at(-1), '✓ All checks passed!');
  const whole = `tenant_proof: declared\n${TENANTS}`;
  t.equal((await validated(whole)).at(-1), '✓ All checks passed!', 'and all of the dashboard');
  t.same(
    faults(await validated(`${whole}  tenant_proof: required\n`)),
    ['12:40', 'sales'],
    'but for a panel',
  );
});

t.test('every fault of the files is told with its place, with exit code 1', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml': DASHCACHE,
    'sales.csv': SALES,
    'sales.yaml': DASHBOARD.replace('source: main', 'sauce: main').replace(
      'max_length: 20',
      'max_length: many',
    ),
  });
  const file = join(relative(process.cwd(), folder), 'sales.yaml');
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 1);
  t.match(terminal.outText, `${file}:2:1: error: `);
  t.match(terminal.outText, `${file}:4:39: error: `);
  t.match(terminal.outLines.at(-1), /^✗ \d faults$/);
  t.notMatch(terminal.outText, 'All checks passed');

  const asJson = await validate([folder, '--json']);
  t.equal(asJson.exitCode, 1);
  t.match(JSON.parse(asJson.terminal.outText), {
    ok: false,
    dashboards: null,
    faults: [{ file, line: 2, column: 1, message: String, hint: String }],
  });
});

t.test('a query that the database does not accept is told with its place, with exit code 1', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml': DASHCACHE,
    'sales.csv': SALES,
    'sales.yaml': DASHBOARD.replace('sum(amount)', 'sum(amuont)'),
  });
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 1);
  t.match(terminal.outText, /sales\.yaml:6:\d+: error: the database does not accept this query: .*amuont/);
  t.equal(terminal.outLines.at(-1), '✗ 1 fault');
});

t.test('where a source is absent, not everything passed: exit code 3', async (t) => {
  const folder = t.testdir({ 'dashcache.yaml': DASHCACHE, 'sales.yaml': DASHBOARD });
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 3);
  t.match(terminal.outText, /not checked: the queries of source main, which does not answer/);
  t.equal(terminal.outLines.at(-1), '✗ Not everything could be checked');
  t.match(JSON.parse((await validate([folder, '--json'])).terminal.outText), {
    ok: false,
    absent: [{ source: 'main' }],
  });
});

t.test('a setting that no panel uses is warned of, which is no fault', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml': DASHCACHE,
    'sales.csv': SALES,
    'sales.yaml': DASHBOARD.replace('  query:', '  ttl: 5m\n  query:'),
  });
  process.env['METRICS_TIMEOUT'] = '60';
  t.teardown(() => {
    delete process.env['METRICS_TIMEOUT'];
  });
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 0);
  t.match(terminal.outLines[0], /^warning: .*METRICS_TIMEOUT/);
  t.equal(terminal.outLines.at(-1), '✓ All checks passed!');
});

t.test('a table that a panel reads and no feed watches is warned of, which is no fault', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await server.query(
    'CREATE TABLE sales (region text, amount integer); CREATE VIEW all_sales AS TABLE sales',
  );
  await server.query('CREATE TABLE costs (region text, amount integer)');
  const changes = 'changes: { feed: notify, tables: { costs: {} } }';
  const folder = t.testdir({
    'dashcache.yaml': `sources:\n  main: { type: postgres, url: "${server.url}", ${changes} }\n`,
    'sales.yaml': DASHBOARD.replace('FROM sales', 'FROM all_sales'),
  });
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 0, terminal.outText);
  t.match(terminal.outLines[0], /^warning: Panels of main read tables whose changes nobody hears: sales\. /);
  t.equal(terminal.outLines.at(-1), '✓ All checks passed!');
  await server.query('DROP VIEW all_sales; CREATE VIEW all_sales AS TABLE costs');
  t.same((await validate([folder])).terminal.outLines, ['1 dashboard, 1 panel', '✓ All checks passed!']);
});

t.test('where the address of the feed does not answer, what it watches is said to be unknown', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await server.query('CREATE TABLE sales (region text, amount integer)');
  const port = await freePort();
  const changes = `changes: { feed: notify, url: "postgres://nobody:none@127.0.0.1:${port}/x", tables: { sales: {} } }`;
  const folder = t.testdir({
    'dashcache.yaml': `sources:\n  main: { type: postgres, url: "${server.url}", ${changes} }\n`,
    'sales.yaml': DASHBOARD,
  });
  const { exitCode, terminal } = await validate([folder]);
  t.equal(exitCode, 0, terminal.outText);
  t.match(
    terminal.outLines[0],
    /^warning: Whether the feed of main watches what its panels read could not be asked: .*ECONNREFUSED/,
  );
});

t.test('a folder that is none is a wrong call: exit code 2', async (t) => {
  const { exitCode, terminal } = await validate(['/does/not/exist']);
  t.equal(exitCode, 2);
  t.equal(terminal.errText, '/does/not/exist is no folder');
  t.equal(terminal.outText, '');
});

t.test('settings that are wrong are told before anything is checked: exit code 3', async (t) => {
  process.env['METRICS_TIMEOUT'] = '5m';
  t.teardown(() => {
    delete process.env['METRICS_TIMEOUT'];
  });
  const { exitCode, terminal } = await validate([t.testdir({})]);
  t.equal(exitCode, 3);
  t.match(terminal.errText, 'METRICS_TIMEOUT is "5m"; accepted: whole seconds');
});

t.test('colours are for terminals: the text is the same without them', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml': DASHCACHE,
    'sales.yaml': DASHBOARD.replace('source', 'sauce'),
  });
  const colored = await validate([folder], new FakeTerminal({ colored: true }));
  const plain = await validate([folder]);
  const csi = String.fromCharCode(27);
  t.ok(colored.terminal.outText.includes(csi));
  t.notOk(plain.terminal.outText.includes(csi));
  t.equal(colored.terminal.outText.replaceAll(new RegExp(`${csi}\\[\\d+m`, 'g'), ''), plain.terminal.outText);
});
