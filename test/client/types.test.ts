import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { runCommand } from '../../cli/run-command.js';
import { CLIENT_COMPILER_OPTIONS, compiled } from '../helpers/client-project.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { listeningApp } from '../integration/support/listening-app.js';
import { shopFolder } from '../integration/support/shop.js';

/** The hook of docs/client.md. */
const [, HOOK = ''] =
  /```tsx\n([\s\S]*?)```/.exec(readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8')) ?? [];
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function types(...words: string[]): Promise<{ text: string; exitCode: number; errText: string }> {
  const terminal = new FakeTerminal();
  const exitCode = await runCommand(['types', ...words], terminal);
  return { text: terminal.outText, errText: terminal.errText, exitCode };
}

function project(t: Test, dashboards: string): { folder: string; write(name: string, text: string): void } {
  const folder = tempFolder(t);
  const compilerOptions = {
    ...CLIENT_COMPILER_OPTIONS,
    jsx: 'preserve',
    paths: {
      'dashcache/client': [join(ROOT, 'client/index.ts')],
      // Its hooks have the types of React's.
      react: [join(ROOT, 'node_modules/preact/hooks')],
    },
  };
  mkdirSync(join(folder, 'src'));
  const write = (name: string, text: string) => writeFileSync(join(folder, 'src', name), text);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  write('dashboards.d.ts', dashboards);
  return { folder, write };
}

const USE = `import { createClient } from 'dashcache/client';
import type { Dashboards } from './dashboards.js';

const client = createClient<Dashboards>({ baseUrl: 'http://localhost:8000', token: async () => 'token' });

export async function right(): Promise<number> {
  const { body } = await client.panel('shop', 'metrics', { site_id: 7, period: '30d' });
  const sales: string | number | null | undefined = body.data?.sales;
  const chart = await client.panel('shop', 'charts/by_day', { site_id: 7, period: '2026-01-01/2026-02-01' });
  const name: 'revenue' = chart.body.data.series[0].name;
  const whole = await client.dashboard('shop', { site_id: 7 });
  const part = whole.body.panels.charts.by_kind;
  const kind = 'problem' in part ? part.problem.code : part.data.type;
  await client.dashboard('prices');
  await client.options('shop', 'site_id');
  client.subscribe('shop', { site_id: 7 }, {
    onPanel(panel) {
      if (panel.panel === 'summary') console.log(panel.body.data?.city);
    },
  });
  return [sales, name, kind].length;
}
`;

const WRONG = [
  ["client.dashboard('shops', { site_id: 7 })", 'a dashboard that there is not'],
  ["client.panel('shop', 'charts/by_week', { site_id: 7 })", 'a panel that there is not'],
  ["client.panel('shop', 'metrics', { site: 7 })", 'a parameter that there is not'],
  ["client.panel('shop', 'metrics', { site_id: '7' })", 'a parameter of another type'],
  ["client.panel('shop', 'metrics', { site_id: 7, period: 'month' })", 'a period that is none'],
  ["client.panel('shop', 'metrics')", 'a required parameter left out'],
  ["client.options('shop', 'period')", 'choices of a parameter that has none'],
  ["client.panel('shop', 'metrics', { site_id: 7 }).then(({ body }) => body.data?.profit)", 'another column'],
] as const;

t.test('a project compiles against generated types, and every wrong use of them is a fault', async (t) => {
  const { text, exitCode, errText } = await types('--config', await shopFolder(t));
  t.equal(exitCode, 0);
  t.equal(errText, '');
  const { folder, write } = project(t, text);
  write('use.ts', USE);
  t.match(HOOK, 'useDashboard');
  write('hook.tsx', HOOK);
  t.equal(await compiled(folder), '', 'the right use has none');
  const wrong = WRONG.map(
    ([call]) => `export const x${WRONG.findIndex(([each]) => each === call)} = () => ${call};`,
  );
  const [imports = '', , made = ''] = [USE.split('\n').slice(0, 2).join('\n'), '', USE.split('\n')[3]];
  write('wrong.ts', `${imports}\n${made}\n${wrong.join('\n')}\n`);
  const said = await compiled(folder);
  for (const [index, [, what]] of WRONG.entries())
    t.match(said, new RegExp(`wrong\\.ts\\(${index + 4},`), what);
});

t.test('a running service and its folder give the same types, in the same order each time', async (t) => {
  const folder = await shopFolder(t);
  const { url } = await listeningApp(t, { folder });
  const byFolder = await types('--config', folder);
  t.equal((await types('--url', url)).text, byFolder.text);
  t.equal((await types('--config', folder)).text, byFolder.text);
  t.match(byFolder.text, '/** Metrics: `shop/metrics` */');
  const both = await types('--url', url, '--config', folder);
  t.equal(both.exitCode, 2);
  t.equal((await types('--config', join(folder, 'none'))).exitCode, 2);
});

t.test('columns of a source that is away are those that are declared', async (t) => {
  const folder = await shopFolder(t, {
    'away.yaml': `id: away
source: gone
metrics: { query: SELECT 1 AS total, values: { total: { title: "All */ of it" } } }
`,
    'dashcache.yaml': `sources:
  main: { type: duckdb, path: shop.duckdb }
  files: { type: duckdb, files: { prices: prices.csv } }
  gone: { type: duckdb, path: nowhere.duckdb }
`,
  });
  const { text, errText, exitCode } = await types('--config', folder);
  t.equal(exitCode, 0, errText);
  t.match(errText, 'gone is away');
  t.match(text, '/** All * / of it */\n          readonly total?: ');
  const { folder: home, write } = project(t, text);
  write('use.ts', "export type { Dashboards } from './dashboards.js';\n");
  t.equal(await compiled(home), '');
});
