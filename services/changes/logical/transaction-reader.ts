import type { TableChange, WatchedTable } from '../change-feed.js';
import { GatheredChanges } from '../gathered-changes.js';
import { type Relation, readPgoutput } from './pgoutput.js';
import { type RowChange, tenantsOfRow } from './tenants-of-row.js';

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

export const MESSAGE_PREFIX = 'dashcache';

/** Makes of the stream, message by message, what each transaction did. It keeps of a transaction its tables and some tenants only. */
export class TransactionReader {
  /** By `schema.table`; partitions too. */
  relations: ReadonlyMap<string, readonly WatchedRelation[]> = new Map();
  readonly #known = new Map<number, Relation>();
  readonly #gathered = new GatheredChanges();
  #messages: string[] = [];
  #xid = 0;

  /** A transaction when this message ends it, else null. */
  read(bytes: Buffer): CommittedTransaction | null {
    const message = readPgoutput(bytes);
    switch (message.kind) {
      case 'begin':
        this.#xid = message.xid;
        break;
      case 'relation':
        this.#known.set(message.relation.id, message.relation);
        break;
      case 'insert':
      case 'update':
      case 'delete':
        this.#row(message);
        break;
      case 'truncate':
        for (const id of message.relationIds) this.#whole(this.#relation(id));
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
    const relation = this.#relation(change.relationId);
    for (const { table, watched } of this.#watchedAs(relation))
      this.#gathered.add({ table, tenants: tenantsOfRow(change, relation, watched) });
  }

  #whole(relation: Relation): void {
    for (const { table } of this.#watchedAs(relation)) this.#gathered.add({ table, tenants: null });
  }

  /** A partition that is younger than the last look at the catalogue: nobody knows yet whose it is. */
  #watchedAs(relation: Relation): readonly WatchedRelation[] {
    const known = this.relations.get(`${relation.schema}.${relation.name}`);
    if (known) return known;
    return [...this.relations.values()].flat();
  }

  #relation(id: number): Relation {
    const relation = this.#known.get(id);
    if (!relation) throw new Error(`the stream names a table, ${id}, that it has not described`);
    return relation;
  }

  #committed(endLsn: bigint): CommittedTransaction {
    const messages = this.#messages;
    this.#messages = [];
    return { xid: this.#xid, endLsn, changes: this.#gathered.take(), messages };
  }
}
