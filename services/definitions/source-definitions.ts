import type { ChangesDefinition } from '../changes/change-feed.js';
import type { Place } from './model.js';

export type SourceDefinition = DuckdbSourceDefinition | PostgresSourceDefinition | HttpSourceDefinition;

interface DatabaseDefinition {
  readonly name: string;
  /** Queries at once. */
  readonly concurrencyCount: number;
  /** Queries in any minute, by all processes together; null: as many as are needed. */
  readonly budgetPerMinuteCount: number | null;
  /** IANA name: the zone in which naive timestamps of this source are meant. Default UTC. */
  readonly timezone: string;
  /** Tables that hold no tenant's rows, as queries write them, in lower case. */
  readonly sharedTables: ReadonlySet<string>;
  readonly place: Place;
}

export interface DuckdbSourceDefinition extends DatabaseDefinition {
  readonly type: 'duckdb';
  /** Absolute path of a database file, or null when only data files are served. */
  readonly path: string | null;
  /** Table name -> absolute path of a CSV, Parquet or JSON file. */
  readonly files: ReadonlyMap<string, string>;
}

/** Its queries at once are at most as many as its connections. */
export interface PostgresSourceDefinition extends DatabaseDefinition {
  readonly type: 'postgres';
  readonly address: PostgresAddress;
  /** Connections at once, for whatever they are needed. */
  readonly poolCount: number;
  /** Null: nobody tells of changes. */
  readonly changes: DeclaredChanges | null;
  /** The setting by which policies of row security know the tenant, e.g. app.tenant; null: none of them is told. */
  readonly tenantSetting: string | null;
}

export interface DeclaredChanges extends ChangesDefinition {
  /** Of the database itself, as no feed goes through a pooler that shares sessions; where none is named, that of the source. */
  readonly address: PostgresAddress;
}

/** Where a PostgreSQL server, or a pooler before it, is reached, and as whom. */
export interface PostgresAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A secret. */
  readonly password: string;
  readonly database: string;
  /** What the server shows in pg_stat_activity. */
  readonly applicationName: string;
  readonly channelBinding: boolean;
  /** Null: without TLS. */
  readonly tls: PostgresTls | null;
}

export interface PostgresTls {
  /** What of the server's certificate is held against the authority: nothing, who signed it, or also whose it is. */
  readonly verify: 'nothing' | 'authority' | 'host';
  /** Absolute paths of PEM files. Without an authority of its own, those that Node trusts. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

export interface HttpSourceDefinition {
  readonly type: 'http';
  readonly name: string;
  /** Absolute, http or https, without credentials, query, fragment and last slash: paths of panels are written behind it. */
  readonly url: string;
  /** Sent with every request; names in lower case. Their values are secrets. */
  readonly headers: ReadonlyMap<string, string>;
  /** Requests at once, and connections kept. */
  readonly concurrencyCount: number;
  /** Requests in any minute, by all processes together; null: as many as are needed. */
  readonly budgetPerMinuteCount: number | null;
  readonly place: Place;
}
