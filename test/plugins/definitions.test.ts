import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { buildApp } from '../../app.js';
import { writeDatabase } from '../services/sources/duckdb/duckdb-fixture.js';
import { DASHCACHE, OPEN, smallConfig, smallFolder, TASKS_CSV } from './fixtures/small-service.js';

async function service(t: Test, extra: Record<string, string> = {}) {
  const folder = smallFolder(t, extra);
  const lines: { level: number; msg: string }[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  const app = await buildApp(smallConfig(folder), { logger: { level: 'info', stream } });
  t.teardown(() => app.close());
  return { app, folder, lines };
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 8000): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

t.test('faults in the files refuse the start, and say where', async (t) => {
  const folder = smallFolder(t, { 'open.yaml': OPEN.replace('type: pie', 'type: pei') });
  await t.rejects(buildApp(smallConfig(folder)), {
    name: 'DefinitionFaults',
    message: /open\.yaml:7:\d+.*pie/s,
  });
});

t.test('a query that the database rejects refuses the start, with its place', async (t) => {
  const folder = smallFolder(t, { 'open.yaml': OPEN.replace('FROM tasks', 'FROM taks') });
  await t.rejects(buildApp(smallConfig(folder)), {
    name: 'DefinitionFaults',
    message: /open\.yaml:9:\d+.*taks/s,
  });
});

t.test('a changed file is taken without a restart', async (t) => {
  const { app, folder, lines } = await service(t);
  t.equal((await app.inject('/dashboards/open')).statusCode, 200);
  const before = (await app.inject('/dashboards')).headers.etag;
  writeFileSync(join(folder, 'open.yaml'), OPEN.replace('states:', 'kinds:'));
  t.ok(await until(async () => (await app.inject('/dashboards/open/charts/kinds')).statusCode === 200));
  t.equal((await app.inject('/dashboards/open/charts/states')).statusCode, 404);
  t.not((await app.inject('/dashboards')).headers.etag, before);
  t.ok(lines.some(({ msg }) => msg === 'The definitions were reloaded'));
});

t.test('a broken reload keeps the last good ones and shows in log and readiness', async (t) => {
  const { app, folder, lines } = await service(t);
  const degraded = async () => (await app.inject('/health/ready')).json().degraded;
  t.same(await degraded(), []);
  const sources = [...app.sources.all()];

  writeFileSync(join(folder, 'open.yaml'), OPEN.replace('FROM tasks', 'FROM taks'));
  await app.definitions.reload();
  t.same(await degraded(), ['definitions']);
  t.ok(lines.some(({ level, msg }) => level === 50 && /last good ones stay[\s\S]*taks/.test(msg)));
  t.equal((await app.inject('/dashboards/open')).statusCode, 200);

  rmSync(join(folder, 'dashcache.yaml'));
  await app.definitions.reload();
  t.same(await degraded(), ['definitions']);

  writeFileSync(join(folder, 'dashcache.yaml'), DASHCACHE);
  writeFileSync(join(folder, 'open.yaml'), OPEN);
  await app.definitions.reload();
  t.same(await degraded(), []);
  t.same([...app.sources.all()], sources, 'what is declared as before stays open');
});

t.test(
  'a source declared differently replaces the old one, which still answers what it was asked',
  async (t) => {
    const { app, folder } = await service(t);
    const old = app.sources.get('main');
    writeFileSync(join(folder, 'more.csv'), TASKS_CSV.split('\n').slice(0, 3).join('\n'));
    writeFileSync(join(folder, 'dashcache.yaml'), DASHCACHE.replace('tasks.csv', 'more.csv'));
    await app.definitions.reload();
    t.not(app.sources.get('main'), old);
    t.equal(old?.state().ok, true, 'not closed yet');
    const response = await app.inject('/dashboards/open/charts/states');
    t.same(response.json().data.series[0].values, [1, 1]);
  },
);

t.test('replaced data files make their entries stale', async (t) => {
  const { app, folder } = await service(t);
  const values = async () =>
    (await app.inject('/dashboards/open/charts/states')).json().data.series[0].values;
  t.same(await values(), [134, 266]);
  writeFileSync(join(folder, 'tasks.csv.new'), TASKS_CSV.split('\n').slice(0, 3).join('\n'));
  renameSync(join(folder, 'tasks.csv.new'), join(folder, 'tasks.csv'));
  t.ok(await until(async () => (await values()).join() === '1,1'));
});

t.test('a database whose view reads another table has its queries checked anew', async (t) => {
  const folder = smallFolder(t);
  const write = (name: string, table: string) =>
    writeDatabase(join(folder, name), [
      "CREATE TABLE old_tasks AS SELECT 'open' AS status",
      "CREATE TABLE new_tasks AS SELECT 'open' AS status",
      `CREATE VIEW tasks AS SELECT * FROM ${table}`,
    ]);
  await write('shop.duckdb', 'old_tasks');
  rmSync(join(folder, 'work.yaml'));
  writeFileSync(join(folder, 'dashcache.yaml'), 'sources: { main: { type: duckdb, path: shop.duckdb } }\n');
  const app = await buildApp(smallConfig(folder), { logger: { level: 'silent' } });
  t.teardown(() => app.close());
  const panel = app.definitions.current.dashboards.get('open')?.panels.get('charts/states');
  if (!panel) return t.fail('there is no panel');
  t.same(app.definitions.tablesOf(panel), ['old_tasks', 'tasks']);
  t.equal(app.definitions.tablesVerdictOf(panel), 'exact');
  await write('next.duckdb', 'new_tasks');
  renameSync(join(folder, 'next.duckdb'), join(folder, 'shop.duckdb'));
  t.ok(await until(() => app.definitions.tablesOf(panel).includes('new_tasks')));
  t.same(app.definitions.tablesOf(panel), ['new_tasks', 'tasks']);

  await writeDatabase(join(folder, 'next.duckdb'), ['CREATE TABLE others AS SELECT 1 AS id']);
  renameSync(join(folder, 'next.duckdb'), join(folder, 'shop.duckdb'));
  t.ok(await until(() => app.definitions.isFaulty), 'a query that is refused now shows in readiness');
});

t.test('with its source absent it starts, answers 503, and heals when the source comes', async (t) => {
  const folder = smallFolder(t);
  renameSync(join(folder, 'tasks.csv'), join(folder, 'later.csv'));
  const startMs = performance.now();
  const app = await buildApp(smallConfig(folder));
  t.teardown(() => app.close());
  t.ok(performance.now() - startMs < 4000);
  t.same((await app.inject('/health/ready')).json().degraded, ['source:main']);
  const failed = await app.inject('/dashboards/open/charts/states');
  t.ok([502, 503].includes(failed.statusCode), `${failed.statusCode}`);
  t.equal(failed.headers['content-type'], 'application/problem+json');
  renameSync(join(folder, 'later.csv'), join(folder, 'tasks.csv'));
  const url = '/dashboards/open/charts/states';
  t.ok(await until(async () => (await app.inject(url)).statusCode === 200));
  t.ok(await until(async () => (await app.inject('/health/ready')).json().degraded.length === 0));
});

t.test('a source that comes late and refuses a query shows in readiness', async (t) => {
  const folder = smallFolder(t, { 'open.yaml': OPEN.replace('FROM tasks', 'FROM taks') });
  renameSync(join(folder, 'tasks.csv'), join(folder, 'later.csv'));
  const lines: { level: number; msg: string }[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  const app = await buildApp(smallConfig(folder), { logger: { level: 'info', stream } });
  t.teardown(() => app.close());
  renameSync(join(folder, 'later.csv'), join(folder, 'tasks.csv'));
  const degraded = async () => (await app.inject('/health/ready')).json().degraded;
  t.ok(await until(async () => (await degraded()).join() === 'definitions', 15_000));
  t.ok(lines.some(({ level, msg }) => level === 50 && msg.includes('taks')));
  t.equal((await app.inject('/dashboards/open/charts/states')).statusCode, 502);
  t.equal((await app.inject('/dashboards/work/metrics?site_id=7')).statusCode, 200);
});
