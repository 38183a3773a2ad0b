import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { embeddedBinaries, SERVER_IDENTITY as identity } from '../../demo/postgres/embedded-binaries.js';
import { freePort } from './free-port.js';

const READY_WITHIN_MS = 30_000;
const run = promisify(execFile);

export interface PostgresOptions {
  /** Lines of postgresql.conf, e.g. 'wal_level = logical'. */
  readonly lines?: readonly string[];
  /** Folder with `initdb` and `postgres`; default POSTGRES_BIN, else the server that comes with npm. */
  readonly bin?: string;
}

/** A PostgreSQL of the test's own, with the empty database `shop`; ended by `stop`. */
export interface PostgresServer {
  /** As the superuser `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Of the postmaster; another one after `restart`. */
  readonly pid: number;
  /** Runs one statement as the superuser. */
  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  /** SIGSTOP to the postmaster and its children: connections stay open and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** SIGKILL to all of it; resolves when the port refuses. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill` or in place of the running one. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'dashcache-postgres-'));
  if (identity) chownSync(folder, identity.uid, identity.gid);
  const bin = options.bin ?? process.env['POSTGRES_BIN'] ?? embeddedBinaries(folder);
  const data = join(folder, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...identity,
      cwd: folder,
    },
  );
  const port = await freePort();
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${folder}'`,
    'fsync = off',
    'full_page_writes = off',
    "timezone = 'UTC'",
    ...(options.lines ?? []),
  ];
  writeFileSync(join(data, 'postgresql.auto.conf'), `${lines.join('\n')}\n`);
  const server = new LocalPostgres(folder, port, join(bin, 'postgres'));
  try {
    await server.launch();
    await server.query('CREATE DATABASE shop', [], 'postgres');
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class LocalPostgres implements PostgresServer {
  readonly url: string;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(
    readonly folder: string,
    readonly port: number,
    readonly program: string,
  ) {
    this.url = `postgres://postgres@127.0.0.1:${port}/shop`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async launch(): Promise<void> {
    // A group of its own, so that all of it can be stopped at once.
    const child = spawn(this.program, ['-D', join(this.folder, 'data')], {
      ...identity,
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        this.#output = (this.#output + text).slice(-4000);
      });
    const endMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        await this.query('SELECT 1', [], 'postgres');
        return;
      } catch (error) {
        if (child.exitCode !== null || performance.now() > endMs)
          throw new Error(`PostgreSQL did not start on port ${this.port}: ${error}\n${this.#output}`);
        await sleep(50);
      }
    }
  }

  async query(text: string, values: readonly unknown[] = [], database = 'shop'): Promise<pg.QueryResult> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, user: 'postgres', database });
    // A server that is killed under way is told by the query.
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.query(text, [...values]);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async freeze(): Promise<void> {
    await this.#signalAll('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.#signalAll('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await this.#signalAll('SIGKILL');
    await ended;
  }

  async restart(): Promise<void> {
    await this.kill();
    // What a killed postmaster leaves behind ends by itself; until then its memory is in use.
    rmSync(join(this.folder, 'data', 'postmaster.pid'), { force: true });
    await this.launch();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Children of the postmaster lead groups of their own. */
  async #signalAll(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this;
    if (pid === 0) return;
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }));
    const children = stdout
      .split('\n')
      .map(Number)
      .filter((child) => child > 0);
    // The postmaster first: it would start others in place of those that are killed.
    for (const each of [pid, ...children]) {
      try {
        process.kill(each, signal);
      } catch {
        // Gone already.
      }
    }
  }
}
