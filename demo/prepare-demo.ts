import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { definitionsFolder } from './definitions-folder.js';
import { generateOperations } from './generate-operations.js';
import { inspectDatabase } from './inspect-database.js';

const FILE_NAME = 'operations.duckdb';
/** No generation takes this long: an unfinished file of this age was left by a process that died. */
const ABANDONED_MS = 3_600_000;

export interface PrepareDemoOptions {
  readonly dataDir: string;
  readonly nowMs: number;
  readonly progress: (line: string) => void;
  /** Share of the full row counts, for tests. */
  readonly scale?: number;
}

export interface PreparedDemo {
  readonly definitionsFolder: string;
  readonly databasePath: string;
}

/**
 * Makes sure that the demo database is there, whole and at most 7 days old, and says where it and its dashboards are.
 * A new one is written beside the old and takes its place by renaming: a reader meets the old or the new one, never a
 * half, also when two processes do this at once.
 */
export async function prepareDemo(options: PrepareDemoOptions): Promise<PreparedDemo> {
  const dataDir = resolve(options.dataDir);
  const databasePath = join(dataDir, FILE_NAME);
  const prepared = { definitionsFolder: definitionsFolder('dashboards'), databasePath };
  await mkdir(dataDir, { recursive: true });
  const state = await inspectDatabase(databasePath, options.nowMs);
  if (state.usable) return prepared;
  options.progress(`Generating the demo database ${databasePath}: ${state.reason}`);
  await removeAbandoned(dataDir);
  await replaceDatabase(databasePath, options);
  options.progress('The demo database is ready');
  return prepared;
}

async function replaceDatabase(databasePath: string, options: PrepareDemoOptions): Promise<void> {
  const temporaryPath = `${databasePath}.${randomUUID()}.tmp`;
  try {
    await generateOperations({
      path: temporaryPath,
      nowMs: options.nowMs,
      progress: (line) => options.progress(`  ${line}`),
      ...(options.scale === undefined ? {} : { scale: options.scale }),
    });
    // A log that some other writer left beside the old file would be replayed into the new one.
    await rm(`${databasePath}.wal`, { force: true });
    await rename(temporaryPath, databasePath);
  } finally {
    await rm(temporaryPath, { force: true });
    await rm(`${temporaryPath}.wal`, { force: true });
    await rm(`${temporaryPath}.spill`, { recursive: true, force: true });
  }
}

async function removeAbandoned(dataDir: string): Promise<void> {
  const names = await readdir(dataDir);
  for (const name of names.filter((n) => /^operations\.duckdb\..+\.tmp(\.wal|\.spill)?$/.test(n))) {
    const path = join(dataDir, name);
    const file = await stat(path).catch(() => null);
    if (file && Date.now() - file.mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}
