import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { embeddedBinaries, SERVER_IDENTITY } from './embedded-binaries.js';

const READY_WITHIN_MS = 30_000;
const run = promisify(execFile);

/** A PostgreSQL for as long as this process runs; its data are gone with it. */
export interface EmbeddedServer {
  /** Of the empty database `operations`, with a password that only this process knows. */
  readonly url: string;
  /** A folder that the server can read. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts a new, empty server on a free port of 127.0.0.1. Rejects with what to do when it is not installed. */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'dashcache-demo-postgres-'));
  try {
    giveToServer(folder);
    const bin = embeddedBinaries(folder);
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    giveToServer(passwordFile);
    const data = join(folder, 'data');
    const words = ['-D', data, '-U', 'demo', '-A', 'scram-sha-256', '--pwfile', passwordFile];
    const spawned = { ...SERVER_IDENTITY, cwd: folder };
    await run(join(bin, 'initdb'), [...words, '-E', 'UTF8', '--locale=C', '--no-sync'], spawned);
    const port = await freePort();
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'fsync=off',
    ];
    const child = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      // A group of its own: Ctrl-C is for the service, which ends the server last.
      { ...spawned, detached: true, stdio: 'ignore' },
    );
    child.unref();
    const url = (database: string) => `postgres://demo:${password}@127.0.0.1:${port}/${database}`;
    const stop = stopping(child, folder);
    await createDatabase(child, url('postgres')).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { url: url('operations'), folder, stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Lets the server read what this process has written. */
export function giveToServer(path: string): void {
  if (SERVER_IDENTITY) chownSync(path, SERVER_IDENTITY.uid, SERVER_IDENTITY.gid);
}

async function createDatabase(child: ChildProcess, connectionString: string): Promise<void> {
  const endMs = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const client = new pg.Client({ connectionString });
    try {
      await client.connect();
      await client.query('CREATE DATABASE operations');
      return;
    } catch (cause) {
      if (child.exitCode !== null || performance.now() > endMs)
        throw new Error('The embedded PostgreSQL server did not start', { cause });
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Ends the server at once, and at the latest with this process. */
function stopping(child: ChildProcess, folder: string): () => Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = () => {
    // SIGQUIT: without writing down what is thrown away.
    child.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', end);
  return async () => {
    process.removeListener('exit', end);
    if (child.exitCode === null && child.signalCode === null) {
      child.ref();
      child.kill('SIGQUIT');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
