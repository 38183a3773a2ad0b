import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DuckdbSourceDefinition } from '../../definitions/source-definitions.js';
import { quoteIdentifier, quoteLiteral } from '../sql-quote.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
import { EXPLAIN_UNIMPROVED } from './explained-tables.js';
import { memoryLimitBytes } from './memory-limit.js';
import { readFileSql } from './read-file.js';

const MAX_THREADS_COUNT = 4;
const MAX_SPILL = '4GiB';

export interface OpenOptions {
  readonly definition: DuckdbSourceDefinition;
  readonly memoryLimitBytes?: number | undefined;
  /** Ends an opening under way. */
  readonly signal: AbortSignal;
}

/**
 * One opened state of a source's files: a DuckDB of its own, read-only and locked, with a connection for every query that
 * may run at once and one for checks. Replaced as a whole when a file is.
 */
export class DuckdbDatabase {
  readonly catalogue: Catalogue;
  /** Only for checks, one after the other. */
  readonly checking: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #all: readonly DuckDBConnection[];
  readonly #free: DuckDBConnection[];
  readonly #spillFolder: string;
  #onAllFree: (() => void) | null = null;
  #checks: Promise<unknown> = Promise.resolve();

  private constructor(instance: DuckDBInstance, opened: OpenedParts) {
    this.#instance = instance;
    this.#spillFolder = opened.spillFolder;
    this.catalogue = opened.catalogue;
    this.checking = opened.checking;
    this.#all = opened.connections;
    this.#free = [...opened.connections];
  }

  static async open(options: OpenOptions): Promise<DuckdbDatabase> {
    const spillFolder = join(tmpdir(), `dashcache-duckdb-${randomUUID()}`);
    const instance = await DuckDBInstance.create(':memory:', settings(options, spillFolder));
    try {
      return new DuckdbDatabase(instance, { ...(await setUp(instance, options)), spillFolder });
    } catch (error) {
      instance.closeSync();
      await rm(spillFolder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A free connection; there is one for whoever has a place in the queue. Undefined if not. */
  take(): DuckDBConnection | undefined {
    return this.#free.pop();
  }

  give(connection: DuckDBConnection): void {
    this.#free.push(connection);
    if (this.#free.length === this.#all.length) this.#onAllFree?.();
  }

  /** Runs one check after the other on the connection kept for them. */
  check<T>(action: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const done = this.#checks.then(() => action(this.checking));
    this.#checks = done.catch(() => {});
    return done;
  }

  /** Closes as soon as no query runs on it any more. */
  async close(): Promise<void> {
    if (this.#free.length < this.#all.length) {
      await new Promise<void>((resolve) => {
        this.#onAllFree = resolve;
      });
    }
    await this.#checks;
    for (const connection of [...this.#all, this.checking]) connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#spillFolder, { recursive: true, force: true });
  }
}

interface SetUpParts {
  readonly catalogue: Catalogue;
  readonly checking: DuckDBConnection;
  readonly connections: readonly DuckDBConnection[];
}

interface OpenedParts extends SetUpParts {
  readonly spillFolder: string;
}

function settings(options: OpenOptions, spillFolder: string): Record<string, string> {
  const limitBytes = options.memoryLimitBytes ?? memoryLimitBytes();
  return {
    memory_limit: `${Math.floor(limitBytes / 1024)}KiB`,
    threads: String(Math.min(MAX_THREADS_COUNT, availableParallelism())),
    // Queries are worked on by DuckDB's own threads alone: nobody waits inside a call (run-statement.ts).
    external_threads: '0',
    temp_directory: spillFolder,
    max_temp_directory_size: MAX_SPILL,
    errors_as_json: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
}

async function setUp(instance: DuckDBInstance, options: OpenOptions): Promise<SetUpParts> {
  const { definition } = options;
  const checking = await instance.connect();
  const interrupt = setInterval(() => options.signal.aborted && checking.interrupt(), 20);
  try {
    const searchPath = [{ catalogName: 'memory', schemaName: 'main' }];
    for (const [table, path] of definition.files) await loadFile(checking, table, path);
    // The database file first: DuckDB looks for `schema.table` in the first catalog only.
    if (definition.path !== null) searchPath.unshift(await attach(checking, definition.path));
    const connections = await Promise.all(
      Array.from({ length: definition.concurrencyCount }, () => instance.connect()),
    );
    // The lock also forbids settings of single connections, so all are made and set before it.
    for (const connection of [checking, ...connections]) {
      await connection.run(`SET TimeZone = ${quoteLiteral(definition.timezone)}`);
      const path = searchPath.map(({ catalogName }) => `${quoteIdentifier(catalogName)}.main`).join(',');
      await connection.run(`SET search_path = ${quoteLiteral(path)}`);
    }
    await checking.run(EXPLAIN_UNIMPROVED);
    await checking.run('SET GLOBAL enable_external_access = false');
    await checking.run('SET GLOBAL lock_configuration = true');
    options.signal.throwIfAborted();
    return { checking, connections, catalogue: await readCatalogue(checking, searchPath) };
  } finally {
    clearInterval(interrupt);
  }
}

async function attach(connection: DuckDBConnection, path: string) {
  const stem = basename(path, extname(path));
  const isTaken = ['memory', 'system', 'temp', 'main', ''].includes(stem.toLowerCase());
  const catalogName = isTaken ? `${stem}_database` : stem;
  await connection.run(
    `ATTACH ${quoteLiteral(path)} AS ${quoteIdentifier(catalogName)} (READ_ONLY, TYPE duckdb)`,
  );
  return { catalogName, schemaName: 'main' };
}

/**
 * A file becomes a table, not a view: a view opens the file anew for every query, so a half-written replacement would be
 * served at once, while a table is what the file was when it was whole. Measured, 3M rows of Parquet load in 0.2 s and
 * queries are then faster; past the memory limit the rows go to the spill folder.
 */
async function loadFile(connection: DuckDBConnection, table: string, path: string): Promise<void> {
  const { size } = await stat(path);
  if (size === 0) throw new Error(`${basename(path)} is empty: not even a header line`);
  await connection.run(
    `CREATE TABLE memory.main.${quoteIdentifier(table)} AS SELECT * FROM ${readFileSql(path)}`,
  );
}
