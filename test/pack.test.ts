import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { CLIENT_COMPILER_OPTIONS, compiled } from './helpers/client-project.js';
import { packedProject, run } from './helpers/packed-project.js';
import { startService } from './helpers/start-service.js';

const USE = `import { createClient } from 'dashcache/client';
import type { Dashboards } from './dashboards.js';

const client = createClient<Dashboards>({ baseUrl: 'http://localhost:8000' });
`;
const ROOT = fileURLToPath(new URL('../', import.meta.url));

t.test('the packed project, installed into an empty folder', async (t) => {
  const { home, paths, install } = await packedProject(t);

  t.test('holds what it needs and nothing else', (t) => {
    for (const path of [
      'dist/cli/dashcache.js',
      'dist/index.d.ts',
      'dashboards/operations.yaml',
      'LICENSE',
      'README.md',
    ]) {
      t.ok(paths.includes(path), path);
    }
    t.same(
      paths.filter(
        (path) => !/^(dist|dashboards|schemas)\/|^(package\.json|[A-Z]+(\.md)?|\.env\.example)$/.test(path),
      ),
      [],
    );
    t.same(
      paths.filter((path) => /^dist\/(test|scripts|bench)\/|\.test\./.test(path)),
      [],
      'no tests and no tools',
    );
    t.end();
  });

  await install();

  t.test('brings no development dependencies', (t) => {
    const installed = readdirSync(join(home, 'node_modules'));
    t.ok(installed.includes('fastify'));
    for (const name of ['typescript', 'tap', 'tsx', 'vega-datasets']) t.notOk(installed.includes(name), name);
    t.end();
  });

  t.test('has the command and the functions that it promises', async (t) => {
    const { stdout: version } = await run('npx', ['--no', '--', 'dashcache', '--version'], home);
    t.equal(
      version.trim(),
      JSON.parse(execFileSync('npm', ['pkg', 'get', 'version'], { cwd: ROOT, encoding: 'utf8' })),
    );
    const program =
      "import { buildApp, loadConfig } from 'dashcache'; console.log(typeof buildApp, loadConfig().port)";
    const { stdout: told } = await run(process.execPath, ['--input-type=module', '-e', program], home);
    t.equal(told.trim(), 'function 8000');
  });

  t.test('has a client that a project uses by the types that the command generates', async (t) => {
    const folder = join(home, 'node_modules', 'dashcache', 'dashboards');
    const { stdout: types } = await run(
      'npx',
      ['--no', '--', 'dashcache', 'types', '--config', folder],
      home,
    );
    writeFileSync(join(home, 'dashboards.d.ts'), types);
    const config = { compilerOptions: CLIENT_COMPILER_OPTIONS, files: ['use.ts'] };
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(config));
    const compiledWith = (parameters: string) => {
      const call = `client.panel('operations', 'metrics', ${parameters})`;
      writeFileSync(join(home, 'use.ts'), `${USE}export const read = () => ${call};\n`);
      return compiled(home);
    };
    t.equal(await compiledWith("{ site_id: 7, period: '30d' }"), '');
    t.match(await compiledWith("{ site: 7, period: '30d' }"), /use\.ts\(5,.*site/);
  });

  t.test('serves the demo with generated data, and stops on SIGTERM with 0', async (t) => {
    const service = await startService({
      command: [join(home, 'node_modules/.bin/dashcache')],
      words: ['--demo'],
      folder: home,
    });
    t.teardown(() => service.stop());
    t.ok(existsSync(join(home, 'data')), 'the data lies below the folder it was started in');
    const catalogue = await service.get('/dashboards');
    t.equal(catalogue.status, 200);
    t.match(await catalogue.json(), { dashboards: [{ id: 'operations' }] });
    const ready = await service.get('/health/ready');
    t.match(await ready.json(), { degraded: [] });
    t.equal(await service.stop(), 0);
  });
});
