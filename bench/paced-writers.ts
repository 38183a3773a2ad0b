import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lifetime } from '../test/helpers/lifetime.js';
import { tempFolder } from '../test/helpers/temp-folder.js';
import type { WriterSetup } from './feed-writer.js';

/** Where Debian has it; the server that comes with npm brings none. */
const PGBENCH = '/usr/bin/pgbench';
const SESSIONS_COUNT = 8;

export interface PacedWriters {
  readonly program: 'pgbench' | 'feed-writer';
  /** Rows a second that were written, once they have ended. */
  readonly rate: Promise<number>;
}

/** One row a transaction into `tasks`, of fifty tenants, at this pace for so long; ended with the lifetime at the latest. */
export function pacedWriters(
  life: Lifetime,
  { url, rowsPerSecond, seconds }: { url: string; rowsPerSecond: number; seconds: number },
): PacedWriters {
  const isPgbench = existsSync(PGBENCH);
  const child = isPgbench
    ? pgbench(url, { folder: tempFolder(life), rowsPerSecond, seconds })
    : feedWriter({ url, sessionsCount: SESSIONS_COUNT, rowsCount: 1, seconds, rowsPerSecond });
  life.teardown(() => child.kill());
  return {
    program: isPgbench ? 'pgbench' : 'feed-writer',
    rate: isPgbench ? rateOfPgbench(child) : rateOfFeedWriter(child),
  };
}

function pgbench(
  url: string,
  { folder, rowsPerSecond, seconds }: { folder: string; rowsPerSecond: number; seconds: number },
): ChildProcess {
  const script = join(folder, 'one-row.sql');
  writeFileSync(
    script,
    '\\set site random(1, 50)\nINSERT INTO tasks (site_id, name) VALUES (:site, $$a row of ordinary length, as most are$$);\n',
  );
  const { hostname, port, username, pathname } = new URL(url);
  const load = [
    '-n',
    '-M',
    'prepared',
    '-c',
    `${SESSIONS_COUNT}`,
    '-R',
    `${rowsPerSecond}`,
    '-T',
    `${seconds}`,
  ];
  const place = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
  return spawn(PGBENCH, [...load, '-f', script, ...place], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function rateOfPgbench(child: ChildProcess): Promise<number> {
  let text = '';
  child.stdout?.on('data', (part) => {
    text += part;
  });
  await new Promise((resolve) => child.once('close', resolve));
  const [, rate] = /^tps = ([\d.]+)/m.exec(text) ?? [];
  if (rate === undefined) throw new Error(`pgbench gave no rate:\n${text}`);
  return Number(rate);
}

function feedWriter(setup: WriterSetup): ChildProcess {
  const program = fileURLToPath(new URL('./feed-writer.ts', import.meta.url));
  return fork(program, [JSON.stringify(setup)], { execArgv: ['--import', import.meta.resolve('tsx')] });
}

async function rateOfFeedWriter(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (rate) => resolve(Number(rate)));
    child.once('exit', (code) => reject(new Error(`The writer ended: ${code}`)));
  });
}
