import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { openRoot, whyNoImages } from '../../scripts/image/buildah.js';
import { BASE, ensureImage, IMAGE } from '../../scripts/image/ensure-image.js';
import { imageSizeBytes } from '../../scripts/image/image-size.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { filesBelow, installedPackages, lockedPackages } from './files-of-image.js';
import { inspectImage } from './image-config.js';
import { type Container, type ContainerOptions, startContainer } from './start-container.js';

const LOCK_FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
/** A base has to be made first on a new machine. */
const BUILD_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 10_000;
const NO_ONE = { AUTH: 'none' };
const DEFINITIONS = {
  'dashcache.yaml': 'sources:\n  main: { type: duckdb, files: { sales: sales.csv } }\n',
  'sales.csv': 'region,amount\nnorth,10\nsouth,20\n',
  'sales.yaml': 'id: sales\nsource: main\nmetrics:\n  query: SELECT sum(amount) AS total FROM sales\n',
};

function whyNot(): string | null {
  const reason = whyNoImages(['buildah', 'debootstrap', 'unshare', 'nsenter', 'ip']);
  if (reason !== null) return reason;
  const { status } = spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true']);
  return status === 0 ? null : 'this system forbids namespaces, without which no container starts';
}

const reason = whyNot();
if (reason === null) {
  t.setTimeout(BUILD_LIMIT_MS);
  await testImage();
} else {
  const told = `the container image is not tested: ${reason}`;
  console.error(told);
  t.plan(0, told);
}

async function testImage(): Promise<void> {
  const beganMs = performance.now();
  const { built } = await ensureImage({ progress: (line) => t.comment(line), detail: () => {} });
  const figures = [`${built ? 'built' : 'found unchanged'} in ${seconds(performance.now() - beganMs)}`];
  t.teardown(() => console.error(`container image: ${figures.join(', ')}`));
  const { config, text } = inspectImage(IMAGE);
  const { root, close } = openRoot(IMAGE);
  t.teardown(close);

  /** The folder that an engine would make for the volume: empty, with the owner of the folder in the image. */
  const volume = (t: Test) => {
    const folder = tempFolder(t);
    chmodSync(folder, 0o755);
    const { uid, gid } = statSync(join(root, 'data'));
    chownSync(folder, uid, gid);
    return folder;
  };
  const start = (t: Test, options: Partial<ContainerOptions> = {}): Container => {
    const started = startContainer({ root, config, data: volume(t), ...options });
    t.teardown(() => started.kill());
    return started;
  };
  const serve = async (t: Test) => {
    const started = start(t, { dashboards: t.testdir(DEFINITIONS), environment: NO_ONE });
    return { container: started, readyAfterMs: await started.healthy() };
  };

  t.test('it declares how it is run: no root, no shell in between, and nobody let in silently', async (t) => {
    t.equal(config.User, '1000:1000');
    t.same(config.Entrypoint, ['node', '/app/dist/cli/dashcache.js']);
    t.same(config.Cmd, ['serve']);
    t.equal(config.Healthcheck.Test[0], 'CMD');
    t.same(Object.keys(config.Volumes), ['/data']);
    t.same(Object.keys(config.ExposedPorts), ['8000/tcp']);
    t.same(
      config.Env.filter((line) => !line.startsWith('PATH=')),
      ['NODE_ENV=production', 'HOST=0.0.0.0', 'DASHCACHE_CONFIG=/dashboards', 'DATA_DIR=/data'],
    );
  });

  t.test('it holds exactly the packages that the service needs', async (t) => {
    const isBinding = (path: string) => /^node_modules\/@duckdb\/node-bindings-/.test(path);
    const needed = [...lockedPackages(LOCK_FILE)]
      .filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional)
      .map(([path]) => path);
    const installed = installedPackages(join(root, 'app'));
    t.same(installed.filter((path) => !isBinding(path)).sort(), needed.sort());
    t.equal(installed.filter(isBinding).length, 1, 'and the DuckDB of this system');
    for (const name of ['typescript', 'tap', 'tsx', 'vega-datasets'])
      t.notOk(installed.includes(`node_modules/${name}`), name);
  });

  t.test('it holds no sources, no demo, no data, and nothing of the build', async (t) => {
    t.same(readdirSync(join(root, 'app')).sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'dist',
      'node_modules',
      'package.json',
    ]);
    t.same(readdirSync(join(root, 'data')), []);
    t.same(readdirSync(join(root, 'dashboards')), []);
    const ours = readdirSync(join(root, 'app/dist'), { recursive: true, encoding: 'utf8' });
    t.ok(ours.includes('cli/dashcache.js'));
    t.same(
      ours.filter(
        (path) => /^(demo|test|bench|scripts)\b/.test(path) || /\.(ts|duckdb|csv|parquet)$/.test(path),
      ),
      [],
    );
    for (const path of ['build', 'root/.npmrc', 'root/.npm', 'run/secrets'])
      t.same(filesBelow(join(root, path)), [], path);
    for (const secret of secretsOfBuild())
      t.notOk(text.includes(secret), 'settings of this machine are not recorded');
  });

  t.test('it belongs to root: who serves cannot change what is served by', async (t) => {
    const paths = ['app', ...filesBelow(join(root, 'app')).map((path) => join('app', path))];
    const writable = paths.filter((path) => {
      const { uid, mode } = statSync(join(root, path));
      return uid !== 0 || (mode & 0o022) !== 0;
    });
    t.same(writable, []);
  });

  t.test(
    'it serves mounted definitions as an ordinary user, with a root that cannot be written',
    async (t) => {
      const { container, readyAfterMs } = await serve(t);
      figures.push(`ready after ${seconds(readyAfterMs)}`);

      const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');

      t.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
      t.match(status, /^CapEff:\t0+$/m);
      t.match(status, /^CapBnd:\t0+$/m);
      t.match(status, /^NSpid:.*\t1$/m);
      const first = readFileSync(`/proc/${container.pid}/cmdline`, 'utf8').split('\0');
      t.same(
        first.slice(0, 3),
        ['node', '/app/dist/cli/dashcache.js', 'serve'],
        'process 1 is the service itself',
      );

      const who = await container.exec('id', '-u');
      t.equal(who.stdout.trim(), '1000');
      for (const path of ['/x', '/app/x', '/app/dist/x', '/tmp/x', '/dashboards/x']) {
        const { exitCode, stderr } = await container.exec('touch', path);
        t.not(exitCode, 0, path);
        t.match(stderr, /Read-only file system/);
      }
      t.equal((await container.exec('touch', '/data/x')).exitCode, 0, 'only the volume can be written');

      const health = await container.health();
      t.match(health, { exitCode: 0, stdout: 'ready\n' });
      t.match(await container.get('/health/ready'), { status: 200, body: { status: 'ready', degraded: [] } });
      t.match(await container.get('/dashboards'), { status: 200, body: { dashboards: [{ id: 'sales' }] } });
      t.match(await container.get('/dashboards/sales/metrics'), {
        status: 200,
        body: { data: { total: 30 } },
      });
      const everywhere = '00000000:1F40';
      t.match(
        readFileSync(`/proc/${container.pid}/net/tcp`, 'utf8'),
        everywhere,
        'it listens to the other containers',
      );

      const version = await container.exec('dashcache', '--version');
      t.equal(
        version.stdout.trim(),
        JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8')).version,
      );

      const { exitCode, durationMs } = await container.stop();
      figures.push(`stopped after ${seconds(durationMs)}`);
      t.equal(exitCode, 0);
      t.ok(durationMs < STOP_LIMIT_MS);
      t.equal(container.errorText, '');
    },
  );

  t.test('the health check follows PORT and BASE_PATH, and fails where nothing answers', async (t) => {
    const environment = { ...NO_ONE, PORT: '9000', BASE_PATH: '/reports', HOST: '::' };
    const container = start(t, { dashboards: t.testdir(DEFINITIONS), environment });
    await container.healthy();
    t.equal((await container.health()).exitCode, 0);
    const elsewhere = await container.exec('env', 'PORT=9001', ...config.Healthcheck.Test.slice(1));
    t.equal(elsewhere.exitCode, 1);
    t.match(elsewhere.stdout, /^not ready: .*ECONNREFUSED/);
    const otherPath = await container.exec('env', 'BASE_PATH=/', ...config.Healthcheck.Test.slice(1));
    t.match(otherPath, { exitCode: 1, stdout: 'not ready: 404\n' });
    t.equal((await container.stop()).exitCode, 0);
  });

  t.test('without definitions it ends with 3 and the words that mount them', async (t) => {
    const mounts = /^help: mount .*: docker run -v "\$PWD\/dashboards:\/dashboards:ro"/m;
    const plain = start(t);
    t.equal(await plain.ended, 3);
    t.match(plain.errorText, mounts);
    t.match(plain.errorText, /AUTH=none/, 'and what else is missing is told with it');

    const allowed = start(t, { environment: NO_ONE });
    t.equal(await allowed.ended, 3);
    t.match(
      allowed.errorText,
      /^There are no dashboards to serve: \/dashboards holds no YAML file\nhelp: mount/,
    );

    const unreadable = t.testdir(DEFINITIONS);
    chmodSync(unreadable, 0o700);
    const closed = start(t, { environment: NO_ONE, dashboards: unreadable });
    t.equal(await closed.ended, 3);
    t.match(closed.errorText, /cannot be read by this user/);
    for (const { errorText } of [plain, allowed, closed]) t.notMatch(errorText, /^\s+at /m, 'no stack');
  });

  t.test('with definitions but without a word on who may read it ends with 3', async (t) => {
    const container = start(t, { dashboards: t.testdir(DEFINITIONS) });
    t.equal(await container.ended, 3);
    t.match(container.errorText, /^1 setting is wrong:\n.*HOST is 0\.0\.0\.0.*AUTH=none/);
  });

  t.test('asked for the demo, it says where that is', async (t) => {
    const container = start(t, { words: ['serve', '--demo'], environment: NO_ONE });
    t.equal(await container.ended, 3);
    t.match(container.errorText, /^This installation has no demo/);
  });

  t.test('its other commands run in it', async (t) => {
    const container = start(t, {
      words: ['validate'],
      environment: NO_ONE,
      dashboards: t.testdir(DEFINITIONS),
    });
    t.equal(await container.ended, 0, container.errorText);
    t.match(container.lines.join('\n'), 'All checks passed!');
  });

  t.test('what it adds to its base stays within 150 MB', async (t) => {
    const sizeBytes = imageSizeBytes(IMAGE);
    const overBytes = sizeBytes - imageSizeBytes(BASE);
    figures.push(`${megabytes(sizeBytes)}, ${megabytes(overBytes)} over its base`);
    t.ok(overBytes < 150e6);
  });
}

/** What the build was told of this machine's registry: hosts and credentials that nobody else may see. */
function secretsOfBuild(): string[] {
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], { cwd: '/', encoding: 'utf8' });
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => process.env[name]);
  return [stdout.trim(), ...proxies, 'npmrc='].flatMap((text) => text || []);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
