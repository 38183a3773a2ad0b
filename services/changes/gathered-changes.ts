import type { TableChange } from './change-feed.js';

/** More tenants than this in one window: all of the table is touched. It bounds what a transaction of any size takes in memory. */
const TENANTS_MAX_COUNT = 100;

/** Changes of one transaction or window, each table once. */
export class GatheredChanges {
  /** Null: of any tenant. */
  readonly #tables = new Map<string, Set<string> | null>();

  get isEmpty(): boolean {
    return this.#tables.size === 0;
  }

  /** Whether nothing more can be learned of it. */
  hasAll(table: string): boolean {
    return this.#tables.get(table) === null;
  }

  add({ table, tenants }: TableChange): void {
    const known = this.#tables.get(table);
    if (known === null) return;
    const all = known ?? new Set<string>();
    for (const tenant of tenants ?? []) all.add(tenant);
    this.#tables.set(table, tenants === null || all.size > TENANTS_MAX_COUNT ? null : all);
  }

  /** What was gathered, in the order in which the tables were first changed; afterwards there is nothing. */
  take(): TableChange[] {
    const changes = [...this.#tables].map(([table, tenants]) => ({
      table,
      tenants: tenants && [...tenants],
    }));
    this.#tables.clear();
    return changes;
  }
}
