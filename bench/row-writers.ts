import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lifetime } from '../test/helpers/lifetime.js';
import { tempFolder } from '../test/helpers/temp-folder.js';
import type { WriterSetup } from './feed-writer.js';

/** Where Debian has it; the server that comes with npm brings none. */
const PGBENCH = '/usr/bin/pgbench';

export interface RowWriters {
  readonly program: 'pgbench' | 'feed-writer';
  /** Rows a second that were written, once they have ended. */
  readonly rate: Promise<number>;
}

/** Statements into `tasks`, each a transaction, of fifty tenants' rows; ended with the lifetime at the latest. */
export function rowWriters(life: Lifetime, setup: WriterSetup): RowWriters {
  const isPgbench = existsSync(PGBENCH);
  const child = isPgbench ? pgbench(tempFolder(life), setup) : feedWriter(setup);
  life.teardown(() => child.kill());
  return {
    program: isPgbench ? 'pgbench' : 'feed-writer',
    rate: isPgbench ? rateOfPgbench(child, setup.rowsCount) : rateOfFeedWriter(child),
  };
}

function pgbench(folder: string, setup: WriterSetup): ChildProcess {
  const { url, sessionsCount, rowsCount, seconds, rowsPerSecond } = setup;
  const script = join(folder, 'rows.sql');
  const text = '$$a row of ordinary length, as most are$$';
  const from = rowsCount === 1 ? '' : ` FROM generate_series(1, ${rowsCount}) g`;
  const site = rowsCount === 1 ? ':site' : 'g % 50';
  writeFileSync(
    script,
    `\\set site random(1, 50)\nINSERT INTO tasks (site_id, name) SELECT ${site}, ${text}${from};\n`,
  );
  const { hostname, port, username, pathname } = new URL(url);
  const pace = rowsPerSecond === null ? [] : ['-R', `${rowsPerSecond / rowsCount}`];
  const load = ['-n', '-M', 'prepared', '-c', `${sessionsCount}`, '-T', `${Math.ceil(seconds)}`, ...pace];
  const place = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
  return spawn(PGBENCH, [...load, '-f', script, ...place], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function rateOfPgbench(child: ChildProcess, rowsCount: number): Promise<number> {
  let text = '';
  child.stdout?.on('data', (part) => {
    text += part;
  });
  await new Promise((resolve) => child.once('close', resolve));
  const [, rate] = /^tps = ([\d.]+)/m.exec(text) ?? [];
  if (rate === undefined) throw new Error(`pgbench gave no rate:\n${text}`);
  return Number(rate) * rowsCount;
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
