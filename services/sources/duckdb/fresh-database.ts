import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DashcacheError } from '../../../errors.js';
import type { Clock } from '../../clock.js';
import type { DuckdbSourceDefinition } from '../../definitions/source-definitions.js';
import type { Log } from '../../log.js';
import type { SourceState } from '../source.js';
import { relationName } from './catalogue.js';
import { DuckdbDatabase } from './duckdb-database.js';
import { duckdbFault } from './duckdb-fault.js';
import { type FileMarks, fileMarks, markedFiles, missingFile, sameMarks } from './file-marks.js';
import { FolderWatch } from './folder-watch.js';

/** The floor under FolderWatch, whose hints may be missing. */
const LOOK_EVERY_MS = 2000;
/** A replaced file is opened once it has not changed for so long: whoever copies instead of renaming is not read half-way. */
const SETTLE_MS = 200;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;
const RETRY_AFTER_SECONDS = 5;
/** A query that DuckDB cannot interrupt (a huge single value) keeps its database open, but not the process from ending. */
const LONGEST_CLOSE_MS = 5000;

interface FreshDatabaseOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly memoryLimitBytes?: number;
}

/**
 * Keeps a database open that is what its files are now. When one is replaced, a new database is opened beside the old one
 * and takes its place; when that fails, the old one goes on being served, the state says so, and it is tried again.
 */
export class FreshDatabase {
  readonly #definition: DuckdbSourceDefinition;
  readonly #options: FreshDatabaseOptions;
  readonly #listeners: ((tables: readonly string[]) => void)[] = [];
  readonly #closing = new AbortController();
  readonly #retiring = new Set<Promise<void>>();
  readonly #watch: FolderWatch;
  #current: { readonly database: DuckdbDatabase; readonly marks: FileMarks } | null = null;
  #fault: string | null = 'It has not been opened yet.';
  /** Marks of the last look, and since when (monotonic clock) they are these: a change has settled when they stay the same for a while. */
  #seen: { readonly marks: FileMarks; readonly sinceMs: number } | null = null;
  #failed: { readonly marks: FileMarks; readonly retryAtMs: number; readonly retryMs: number } | null = null;
  #hasWaited = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #cancelLook: () => void = () => {};

  constructor(definition: DuckdbSourceDefinition, options: FreshDatabaseOptions) {
    this.#definition = definition;
    this.#options = options;
    this.#watch = new FolderWatch(markedFiles(definition), () => this.#look());
    this.#look();
  }

  /** The open database. Waits for the very first opening only; rejects with source_down when there is none. */
  async opened(signal: AbortSignal): Promise<DuckdbDatabase> {
    if (!this.#current && !this.#hasWaited) await aborted(signal, this.#looking);
    signal.throwIfAborted();
    if (this.#current) return this.#current.database;
    throw new DashcacheError('source_down', {
      detail: 'The data source cannot be opened. The log says why.',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: new Error(this.#fault ?? 'closed'),
    });
  }

  onTablesChanged(listener: (tables: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  state(): SourceState {
    return { ok: this.#fault === null, detail: this.#fault };
  }

  /** Gives a database up that can no longer be used, and opens it anew. */
  discard(database: DuckdbDatabase, reason: string): void {
    if (this.#current?.database !== database) return;
    this.#current = null;
    this.#fault = reason;
    this.#retire(database);
    this.#look();
  }

  async close(): Promise<void> {
    this.#closing.abort(new DashcacheError('source_down', { detail: 'The data source is being closed.' }));
    this.#cancelLook();
    this.#watch.close();
    await this.#looking;
    if (this.#current) this.#retire(this.#current.database);
    this.#current = null;
    this.#fault ??= 'It is closed.';
    await Promise.race([Promise.all(this.#retiring), sleep(LONGEST_CLOSE_MS, undefined, { ref: false })]);
  }

  /** Looks at the files now; a look that is asked for during another follows it. */
  #look(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#cancelLook();
    this.#watch.renew();
    this.#looking = this.#lookOnce().then((nextMs) => {
      this.#looking = null;
      this.#hasWaited = true;
      if (this.#closing.signal.aborted) return;
      this.#cancelLook = this.#options.clock.after(nextMs, () => this.#look());
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.#look();
      }
    });
  }

  /** One look and what follows from it; never rejects. Returns when to look next. */
  async #lookOnce(): Promise<number> {
    const marks = await fileMarks(this.#definition);
    const nowMs = this.#options.clock.monotonicMs();
    // At the start nobody has seen them change.
    if (this.#seen === null) this.#seen = { marks, sinceMs: Number.NEGATIVE_INFINITY };
    else if (!sameMarks(marks, this.#seen.marks)) this.#seen = { marks, sinceMs: nowMs };
    const settlesInMs = this.#seen.sinceMs + SETTLE_MS - nowMs;
    const missing = missingFile(marks);
    if (missing !== null) {
      this.#say(`${basename(missing)} is missing.`);
      return LOOK_EVERY_MS;
    }
    if (this.#current && sameMarks(marks, this.#current.marks)) {
      this.#say(null);
      return LOOK_EVERY_MS;
    }
    if (settlesInMs > 0) return settlesInMs;
    if (this.#mustWait(marks)) return LOOK_EVERY_MS;
    return this.#open(marks);
  }

  #mustWait(marks: FileMarks): boolean {
    const failed = this.#failed;
    return (
      failed !== null &&
      sameMarks(marks, failed.marks) &&
      this.#options.clock.monotonicMs() < failed.retryAtMs
    );
  }

  async #open(marks: FileMarks): Promise<number> {
    try {
      const database = await DuckdbDatabase.open({
        definition: this.#definition,
        memoryLimitBytes: this.#options.memoryLimitBytes,
        signal: this.#closing.signal,
      });
      if (!sameMarks(marks, await fileMarks(this.#definition))) {
        // What was read may be half of each: read again once it has settled.
        this.#retire(database);
        return SETTLE_MS;
      }
      this.#replaceBy(database, marks);
    } catch (error) {
      const retryMs = Math.min(LONGEST_RETRY_MS, (this.#failed?.retryMs ?? FIRST_RETRY_MS / 2) * 2);
      this.#failed = { marks, retryMs, retryAtMs: this.#options.clock.monotonicMs() + retryMs };
      this.#say(duckdbFault(error).message);
    }
    return LOOK_EVERY_MS;
  }

  #replaceBy(database: DuckdbDatabase, marks: FileMarks): void {
    const old = this.#current;
    this.#current = { database, marks };
    this.#failed = null;
    this.#say(null);
    if (old) this.#retire(old.database);
    // The first opening at start replaces nothing; one after an absence may bring other data than was cached before.
    if (old || this.#hasWaited) this.#tell(this.#changedTables(database, old?.marks ?? null, marks));
  }

  #changedTables(database: DuckdbDatabase, before: FileMarks | null, after: FileMarks): string[] {
    const isChanged = (path: string) => before === null || before.get(path) !== after.get(path);
    const tables = new Set<string>();
    for (const [table, path] of this.#definition.files) if (isChanged(path)) tables.add(table);
    const { path } = this.#definition;
    if (path !== null && isChanged(path)) {
      for (const relation of database.catalogue.relations) {
        if (relation.catalogName !== 'memory') tables.add(relationName(relation));
      }
    }
    return [...tables].sort();
  }

  #tell(tables: readonly string[]): void {
    this.#options.log.info({ source: this.#definition.name, tables }, 'The files of a source were replaced');
    for (const listener of this.#listeners) {
      try {
        listener(tables);
      } catch (error) {
        this.#options.log.error({ err: error }, 'A listener to replaced tables failed');
      }
    }
  }

  #retire(database: DuckdbDatabase): void {
    const closed = database.close().finally(() => this.#retiring.delete(closed));
    this.#retiring.add(closed);
  }

  /** Remembers what is wrong, and logs it when it changes. */
  #say(fault: string | null): void {
    if (fault === this.#fault) return;
    const source = this.#definition.name;
    if (fault === null) this.#options.log.info({ source }, 'A source is up to date');
    else if (!this.#closing.signal.aborted) {
      const serving = this.#current ? 'its former data goes on being served' : 'it cannot be queried';
      this.#options.log.warn({ source, reason: fault }, `A source cannot be opened: ${serving}`);
    }
    this.#fault = fault;
  }
}

/** Waits for a promise, or for the signal if that is first. */
function aborted(signal: AbortSignal, promise: Promise<void> | null): Promise<void> {
  return new Promise((resolve) => {
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    Promise.resolve(promise).finally(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
