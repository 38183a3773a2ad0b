import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { DeclaredReaders } from './tags-of-changes.js';
import type { WatchedSource } from './watched-source.js';
import { tablesReadFrom, unwatchedWarning, type Watching, watchingOf } from './watching.js';

interface Look {
  /** The tables that were asked about. */
  readonly asked: string;
  /** Null until the database has answered. */
  readonly watching: Watching | null;
}

/** Which tables that panels read a feed watches, as the catalogue says; and says of the others that nobody hears of them. */
export class WatchedTables {
  readonly #parts: { readonly clock: Clock; readonly log: Log };
  /** By source, since the definitions were taken. */
  readonly #looks = new Map<string, Look>();

  constructor(parts: { readonly clock: Clock; readonly log: Log }) {
    this.#parts = parts;
  }

  /** Other definitions: what is said of them is said anew. */
  reset(): void {
    this.#looks.clear();
  }

  /** False as long as nobody knows. */
  areHeard(source: string, tables: readonly string[]): boolean {
    const heard = this.#looks.get(source)?.watching?.heard ?? [];
    return tables.length > 0 && tables.every((table) => heard.includes(table));
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
    const asked = tables.join();
    const known = this.#looks.get(name);
    if (known?.asked === asked) return;
    const look: Look = { asked, watching: null };
    this.#looks.set(name, look);
    try {
      const watching = await watchingOf(source, tables, clock);
      // Other definitions may have come meanwhile.
      if (this.#looks.get(name) !== look) return;
      this.#looks.set(name, { asked, watching });
      const warning = unwatchedWarning(source, watching);
      if (warning) log.warn({ source: name, tables: watching.unheard }, warning);
    } catch {
      if (this.#looks.get(name) === look) this.#looks.delete(name);
    }
  }
}
