/** Makes sure that the programs the tests start are there: as root on Debian by installing them, else by naming them. */
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { olderPostgres } from '../test/helpers/older-postgres.js';

interface Program {
  readonly name: string;
  readonly package: string;
  readonly pathVariable: string;
  readonly isThere?: () => boolean;
}

const PROGRAMS: readonly Program[] = [
  { name: 'redis-server', package: 'redis-server', pathVariable: 'REDIS_SERVER' },
  { name: 'promtool', package: 'prometheus', pathVariable: 'PROMTOOL' },
  { name: 'prometheus', package: 'prometheus', pathVariable: 'PROMETHEUS' },
  { name: 'chromium', package: 'chromium', pathVariable: 'CHROMIUM' },
  // FAKETIME itself is what its library reads.
  { name: 'faketime', package: 'faketime', pathVariable: 'FAKETIME_PROGRAM' },
  { name: 'pgbouncer', package: 'pgbouncer', pathVariable: 'PGBOUNCER' },
  { name: 'nginx', package: 'nginx-light', pathVariable: 'NGINX' },
  { name: 'varnishd', package: 'varnish', pathVariable: 'VARNISHD' },
  { name: 'sqlmap', package: 'sqlmap', pathVariable: 'SQLMAP' },
  // Beside the one that comes with npm. Debian keeps it out of PATH.
  {
    name: 'initdb and postgres of an older PostgreSQL',
    package: 'postgresql',
    pathVariable: 'OLDER_POSTGRES_BIN',
    isThere: () => olderPostgres() !== null,
  },
];
/** Where programs may be that are in nobody's PATH but root's. */
const SYSTEM_FOLDER = '/usr/sbin';
const POLICY = '/usr/sbin/policy-rc.d';
/** Debian makes a database of what it installs, which would start with the machine. */
const NO_CLUSTER = '/etc/postgresql-common/createcluster.d/dashcache-tests.conf';

function isPresent({ name, pathVariable, isThere }: Program): boolean {
  if (isThere) return isThere();
  const given = process.env[pathVariable];
  if (given) return executable(given);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), SYSTEM_FOLDER];
  return folders.some((folder) => executable(join(folder, name)));
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian starts what it installs; a policy that says no keeps ports such as 6379 free. */
function install(packages: readonly string[]): void {
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(POLICY, 0o755);
  }
  mkdirSync(dirname(NO_CLUSTER), { recursive: true });
  writeFileSync(NO_CLUSTER, 'create_main_cluster = false\n');
  try {
    apt('update', '-q');
    apt('install', '-y', '-q', '--no-install-recommends', ...packages);
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
    rmSync(NO_CLUSTER, { force: true });
  }
}

function apt(...args: readonly string[]): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env: environment });
}

const absent = PROGRAMS.filter((program) => !isPresent(program));
if (absent.length > 0 && process.getuid?.() === 0 && executable('/usr/bin/apt-get')) {
  install(absent.map((program) => program.package));
}
const still = absent.filter((program) => !isPresent(program));
if (still.length > 0) {
  console.error('The tests start these programs, which are not in PATH:');
  for (const { name, pathVariable } of still) console.error(`  ${name} (or set ${pathVariable} to its path)`);
  console.error(
    `On Debian or Ubuntu: sudo apt-get install ${still.map((program) => program.package).join(' ')}`,
  );
  process.exitCode = 1;
}
