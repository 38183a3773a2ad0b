import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { childEnvironment, startService } from './helpers/start-service.js';
import { tempFolder } from './helpers/temp-folder.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const execute = promisify(execFile);
/** npm keeps its own settings: registry and proxy. */
const environment = { ...process.env, ...childEnvironment() };

function run(program: string, args: readonly string[], folder: string): Promise<{ stdout: string }> {
  return execute(program, args, { cwd: folder, env: environment });
}

/** The project as a clone would have it, so that the build inside `npm pack` disturbs nobody else's. */
function cloneInto(folder: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const path of listed.split('\n').filter((path) => path !== '' && existsSync(ROOT + path))) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

t.test('the packed project, installed into an empty folder', async (t) => {
  const clone = tempFolder(t);
  const home = tempFolder(t);
  cloneInto(clone);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', home], clone);
  // What the build prints comes before the JSON.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  const paths: string[] = packed.files.map((file: { path: string }) => file.path);

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

  writeFileSync(join(home, 'package.json'), '{"name":"elsewhere","private":true,"type":"module"}');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed.filename}`], home);

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
