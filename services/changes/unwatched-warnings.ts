import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { DeclaredReaders } from './tags-of-changes.js';
import { tablesReadFrom, unwatchedTables } from './unwatched-tables.js';
import type { WatchedSource } from './watched-source.js';

/** Says which tables panels read and no feed watches: whoever declares a feed expects that it renews all. */
export class UnwatchedWarnings {
  readonly #parts: { readonly clock: Clock; readonly log: Log };
  /** By source, the tables that have been looked at since the definitions were taken. */
  readonly #seen = new Map<string, string>();

  constructor(parts: { readonly clock: Clock; readonly log: Log }) {
    this.#parts = parts;
  }

  /** Other definitions: what is said of them is said anew. */
  reset(): void {
    this.#seen.clear();
  }

  /** Says of each source once what is to be said of the tables that are known now. Never rejects: an absent database is asked later. */
  async look(
    sources: readonly WatchedSource[],
    declared: Pick<DeclaredReaders, 'dashboards' | 'tablesOf'>,
  ): Promise<void> {
    const tables = sources.map(({ name }) => tablesReadFrom(name, declared));
    await Promise.all(sources.map((source, index) => this.#lookAt(source, tables[index] ?? [])));
  }

  async #lookAt(source: WatchedSource, tables: readonly string[]): Promise<void> {
    const { clock, log } = this.#parts;
    const { name } = source;
    const text = tables.join();
    if (this.#seen.get(name) === text) return;
    this.#seen.set(name, text);
    try {
      const unwatched = await unwatchedTables(source, tables, clock);
      if (unwatched) log.warn({ source: name, tables: unwatched.tables }, unwatched.warning);
    } catch {
      this.#seen.delete(name);
    }
  }
}
