import type { TableChange, WatchedTable } from '../change-feed.js';
import { GatheredChanges } from '../gathered-changes.js';
import { type PgoutputMessage, type Relation, readPgoutput, relationOfRow } from './pgoutput.js';
import { type RowChange, type TenantColumn, tenantColumnOf, tenantsOfRow } from './tenants-of-row.js';

/** What one transaction did, once it has committed. */
export interface CommittedTransaction {
  readonly xid: number;
  readonly endLsn: bigint;
  readonly changes: readonly TableChange[];
  /** What our own messages in it say. */
  readonly messages: readonly string[];
}

export interface WatchedRelation {
  /** What is told of it: for a partition the declared table. */
  readonly table: string;
  readonly watched: WatchedTable;
}

/** What is to be known of a row: of which table it is, and where it says of which tenant. */
interface Reading {
  readonly table: string;
  readonly column: TenantColumn | null;
}

export const MESSAGE_PREFIX = 'dashcache';

/** Makes of the stream, message by message, what each transaction did. It keeps of a transaction its tables and some tenants only. */
export class TransactionReader {
  #relations: ReadonlyMap<string, readonly WatchedRelation[]> = new Map();
  readonly #known = new Map<number, Relation>();
  /** Of each relation, until it is described anew or watched otherwise: rows are many. */
  readonly #readings = new Map<number, readonly Reading[]>();
  readonly #gathered = new GatheredChanges();
  #messages: string[] = [];
  #xid = 0;

  /** By `schema.table`; partitions too. */
  set relations(relations: ReadonlyMap<string, readonly WatchedRelation[]>) {
    this.#relations = relations;
    this.#readings.clear();
  }

  /** A transaction when this message, from `at` to the end, ends it, else null. */
  read(bytes: Buffer, at = 0): CommittedTransaction | null {
    // Most rows of a large transaction say nothing that is not known by then: they are not even looked into.
    const relationId = relationOfRow(bytes, at);
    const readings = relationId === null ? null : this.#readingsOf(relationId);
    if (readings?.every(({ table }) => this.#gathered.hasAll(table))) return null;
    return this.#take(readPgoutput(bytes, at));
  }

  #take(message: PgoutputMessage): CommittedTransaction | null {
    switch (message.kind) {
      case 'begin':
        this.#xid = message.xid;
        break;
      case 'relation':
        this.#known.set(message.relation.id, message.relation);
        this.#readings.delete(message.relation.id);
        break;
      case 'insert':
      case 'update':
      case 'delete':
        this.#row(message);
        break;
      case 'truncate':
        for (const { table } of message.relationIds.flatMap((id) => this.#readingsOf(id)))
          this.#gathered.add({ table, tenants: null });
        break;
      case 'message':
        if (message.prefix === MESSAGE_PREFIX) this.#messages.push(message.content);
        break;
      case 'commit':
        return this.#committed(message.endLsn);
    }
    return null;
  }

  #row(change: RowChange): void {
    for (const { table, column } of this.#readingsOf(change.relationId))
      this.#gathered.add({ table, tenants: column && tenantsOfRow(change, column) });
  }

  #readingsOf(id: number): readonly Reading[] {
    const known = this.#readings.get(id);
    if (known) return known;
    const relation = this.#known.get(id);
    if (!relation) throw new Error(`the stream names a table, ${id}, that it has not described`);
    const readings = this.#watchedAs(relation).map(({ table, watched }) => ({
      table,
      column: tenantColumnOf(relation, watched),
    }));
    this.#readings.set(id, readings);
    return readings;
  }

  /** A partition that is younger than the last look at the catalogue: nobody knows yet whose it is. */
  #watchedAs({ schema, name }: Relation): readonly WatchedRelation[] {
    return this.#relations.get(`${schema}.${name}`) ?? [...this.#relations.values()].flat();
  }

  #committed(endLsn: bigint): CommittedTransaction {
    const messages = this.#messages;
    this.#messages = [];
    return { xid: this.#xid, endLsn, changes: this.#gathered.take(), messages };
  }
}
