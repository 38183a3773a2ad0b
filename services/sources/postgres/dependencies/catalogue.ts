import type pg from 'pg';
import { CATALOGUE_SQL } from './catalogue-sql.js';
import type { FunctionName, RelationName } from './names-in.js';

export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** As in pg_class.relkind: r table, p partitioned, v view, m materialised view, f foreign, S sequence. */
  readonly kind: string;
  readonly isTemporary: boolean;
  readonly hasRowSecurity: boolean;
}

export interface Routine {
  readonly oid: string;
  /** The place in the names that were asked for; null when asked for otherwise. */
  readonly place: number | null;
  readonly name: string;
  readonly isBuiltIn: boolean;
  readonly language: string;
  readonly isImmutable: boolean;
  /** Its CREATE FUNCTION; null for an aggregate. */
  readonly definition: string | null;
  /** The functions that an aggregate is made of. */
  readonly parts: readonly string[];
  /** The setting of its own; null: that of whoever calls. */
  readonly searchPath: string | null;
  /** Whose rights it runs with; null: the caller's. */
  readonly runsAs: string | null;
}

/** What a view or a policy is made of, by what PostgreSQL wrote down when it was made. */
export interface Ingredients {
  readonly relations: readonly Relation[];
  readonly routineOids: readonly string[];
  /** Its text, names as this session would look for them. */
  readonly texts: readonly string[];
  /** A view: whether it reads with the rights of whoever asks. Policies: whether all of them bind whoever asks. */
  readonly isOwn: boolean;
}

export interface Session {
  readonly versionNumber: number;
  /** Schemas where names without one are looked for, in order. */
  readonly path: readonly string[];
  /** The role that asks. */
  readonly role: string;
  /** The setting itself. */
  readonly searchPath: string;
}

/** Looks into PostgreSQL's catalogue; reads no table of anybody. */
export class Catalogue {
  readonly #client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  async session(): Promise<Session> {
    const [session] = await this.#rows<Session>(CATALOGUE_SQL.session);
    if (!session) throw new Error('PostgreSQL told nothing of its session');
    return session;
  }

  /** What each name stands for, in their order; null for none. */
  async relationsNamed(
    names: readonly RelationName[],
    path: readonly string[],
  ): Promise<(Relation | null)[]> {
    if (names.length === 0) return [];
    const rows = await this.#rows<Relation & { place: number }>(CATALOGUE_SQL.relationsNamed, [
      names.map(({ schemaName }) => schemaName),
      names.map(({ name }) => name),
      path,
    ]);
    const byPlace = new Map(rows.map((row) => [row.place, row]));
    return names.map((_name, index) => byPlace.get(index + 1) ?? null);
  }

  /** Partitions and children, at any depth. */
  descendants(oids: readonly string[]): Promise<Relation[]> {
    return this.#rows<Relation>(CATALOGUE_SQL.descendants, [oids]);
  }

  /** What these are partitions or children of, at any depth. */
  ancestors(oids: readonly string[]): Promise<Relation[]> {
    return this.#rows<Relation>(CATALOGUE_SQL.ancestors, [oids]);
  }

  /** Functions that these calls can mean: several where the types of the arguments decide. */
  async routinesNamed(names: readonly FunctionName[], path: readonly string[]): Promise<Routine[]> {
    if (names.length === 0) return [];
    return this.#rows<Routine>(CATALOGUE_SQL.routinesNamed, [
      names.map(({ schemaName }) => schemaName),
      names.map(({ name }) => name),
      names.map(({ argumentsCount }) => argumentsCount),
      path,
    ]);
  }

  async routines(oids: readonly string[]): Promise<Routine[]> {
    return oids.length === 0 ? [] : this.#rows<Routine>(CATALOGUE_SQL.routines, [oids]);
  }

  /** Functions of people that are called without being named: of a row, by an operator, a cast, or the check of a domain. */
  async routinesImplied(members: readonly string[], operators: readonly string[]): Promise<Routine[]> {
    return this.#rows<Routine>(CATALOGUE_SQL.routinesImplied, [members, operators]);
  }

  async view(oid: string): Promise<Ingredients> {
    return this.#ingredients(CATALOGUE_SQL.view, oid);
  }

  /** The policies that decide which rows of a table are read. */
  async policies(oid: string): Promise<Ingredients> {
    return this.#ingredients(CATALOGUE_SQL.policies, oid);
  }

  async #ingredients(sql: string, oid: string): Promise<Ingredients> {
    const [row] = await this.#rows<{ [key in keyof Ingredients]: Ingredients[key] | null }>(sql, [oid]);
    return {
      relations: row?.relations ?? [],
      routineOids: row?.routineOids ?? [],
      texts: row?.texts ?? [],
      isOwn: row?.isOwn ?? false,
    };
  }

  /** One JSON text: whatever types the client was told to map, this is read alike. */
  async #rows<T>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    const text = `SELECT coalesce(json_agg(found), '[]')::text AS found FROM (${sql}) found`;
    const { rows } = await this.#client.query({ text, values: [...values] });
    return JSON.parse(String(rows[0]?.found)) as T[];
  }
}
