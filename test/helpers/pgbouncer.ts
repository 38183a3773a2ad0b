import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { SERVER_IDENTITY as identity } from '../../demo/postgres/embedded-binaries.js';
import { freePort } from './free-port.js';
import type { Lifetime } from './lifetime.js';
import { within } from './within.js';

const READY_WITHIN_MS = 10_000;
/** Where Debian has it, which is not in everybody's PATH. */
const DEBIAN_PROGRAM = '/usr/sbin/pgbouncer';

export interface PgbouncerOptions {
  /** Of the PostgreSQL on 127.0.0.1 behind it; it and PgBouncer believe whoever comes. */
  readonly targetPort: number;
  /** Default transaction. */
  readonly mode?: 'transaction' | 'session';
  /** Sessions of the server for each user; default 20. */
  readonly poolCount?: number;
  /** Who may come; default the superuser `postgres`. */
  readonly users?: readonly string[];
  /** More lines of its [pgbouncer]. */
  readonly lines?: readonly string[];
}

type Rows = readonly Record<string, unknown>[];

/** A PgBouncer of the test's own. */
export interface Pgbouncer {
  readonly port: number;
  /** The same URL through it. */
  through(url: string): string;
  /** What `SHOW ...` of its console says, e.g. 'SERVERS'. */
  show(what: string): Promise<Rows>;
}

/** Starts PgBouncer (PGBOUNCER, else Debian's, else from PATH) on a free port of 127.0.0.1; it ends with the test. */
export async function startPgbouncer(life: Lifetime, options: PgbouncerOptions): Promise<Pgbouncer> {
  const { targetPort, mode = 'transaction', poolCount = 20, users = ['postgres'], lines = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'dashcache-pgbouncer-'));
  life.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const usersFile = join(folder, 'users.txt');
  const configFile = join(folder, 'pgbouncer.ini');
  writeFileSync(usersFile, users.map((user) => `"${user}" ""\n`).join(''));
  const config = [
    '[databases]',
    `* = host=127.0.0.1 port=${targetPort}`,
    '[pgbouncer]',
    `listen_port = ${port}`,
    'listen_addr = 127.0.0.1',
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${usersFile}`,
    `stats_users = ${users[0]}`,
    `pool_mode = ${mode}`,
    `default_pool_size = ${poolCount}`,
    'server_login_retry = 1',
    ...lines,
  ];
  writeFileSync(configFile, `${config.join('\n')}\n`);
  for (const path of [folder, usersFile, configFile])
    if (identity) chownSync(path, identity.uid, identity.gid);
  // Like PostgreSQL it refuses to run as root.
  const child = spawn(program(), [configFile], {
    ...identity,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  life.teardown(async () => {
    process.removeListener('exit', kill);
    await ended(child);
  });
  const show = (what: string) => ask({ port, user: users[0] }, `SHOW ${what}`);
  await untilReady(child, () => show('VERSION'));
  return { port, through: (url) => Object.assign(new URL(url), { port: String(port) }).href, show };
}

function program(): string {
  return process.env['PGBOUNCER'] || (existsSync(DEBIAN_PROGRAM) ? DEBIAN_PROGRAM : 'pgbouncer');
}

async function untilReady(child: ChildProcess, answering: () => Promise<Rows>): Promise<void> {
  let output = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => {
      output = (output + text).slice(-4000);
    });
  child.once('error', (error) => {
    output += error.message;
    isOver = true;
  });
  child.once('exit', () => {
    isOver = true;
  });
  // Its console answers whether or not there is a database behind it.
  const answers = async () => isOver || (await answering()).length > 0;
  await within(READY_WITHIN_MS, answers, 'PgBouncer answers').catch((error) => {
    output += error;
    isOver = true;
  });
  if (isOver) throw new Error(`PgBouncer did not start: ${output}`);
}

/** Its console knows only the simple protocol, which the driver uses where there are no values. */
async function ask({ port, user }: { port: number; user: string | undefined }, text: string): Promise<Rows> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, database: 'pgbouncer' });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
