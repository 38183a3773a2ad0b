import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { settingNames } from '../../config.js';
import { BASE } from '../../scripts/image/ensure-image.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(ROOT + path, 'utf8');
const DOCKERFILE = read('Dockerfile');
const LET_IN = read('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

t.test('all that is compiled gets into the build of the image', async (t) => {
  const { include }: { include: string[] } = JSON.parse(read('tsconfig.build.json'));
  for (const path of include) t.ok(LET_IN.includes(path), path);
});

t.test('what .dockerignore lets in exists, and it lets in no data, no tests and no secrets', async (t) => {
  t.equal(
    read('.dockerignore')
      .split('\n')
      .find((line) => !line.startsWith('#')),
    '*',
    'nothing that is not named',
  );
  for (const path of LET_IN.filter((path) => !path.startsWith('*'))) t.ok(existsSync(ROOT + path), path);
  const never = ['.', '.env', '.git', 'data', 'dashboards', 'dist', 'logs', 'node_modules', 'test'];
  t.same(
    LET_IN.filter((path) => never.includes(path)),
    [],
  );
});

t.test('what the Dockerfile copies and runs is what the project has', async (t) => {
  const modules = [...DOCKERFILE.matchAll(/\/app\/dist\/([\w/-]+)\.js/g)].map(([, path]) => `${path}.ts`);
  t.same([...new Set(modules)].sort(), ['cli/container-health.ts', 'cli/dashcache.ts']);
  for (const path of modules) t.ok(existsSync(ROOT + path), path);
  const bases = [...DOCKERFILE.matchAll(/^FROM (\S+:\S+)/gm)].map(([, name]) => `docker.io/library/${name}`);
  t.same([...new Set(bases)], [BASE], 'the base that is made where none can be fetched');
});

t.test('the settings that the image makes are settings, and none of them lets anybody in', async (t) => {
  const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(DOCKERFILE) ?? [];
  const names = [...block.matchAll(/(\w+)=/g)].map(([, name = '']) => name);
  t.same(names, ['NODE_ENV', 'HOST', 'DASHCACHE_CONFIG', 'DATA_DIR']);
  for (const name of names.slice(1)) t.ok(settingNames().has(name), name);
});

t.test('the files of the image name no host but those that they run', async (t) => {
  const files = ['Dockerfile', 'compose.yaml', '.dockerignore', '.npmrc', 'scripts/build-image.ts'];
  const scripts = readdirSync(`${ROOT}scripts/image`).map((name) => `scripts/image/${name}`);
  for (const path of [...files, ...scripts])
    t.notMatch(read(path), /https?:\/\/|registry\.|_authToken|\/\/[a-z0-9.-]+\/:/, path);
});
