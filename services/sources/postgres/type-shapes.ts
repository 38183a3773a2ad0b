import type { ClientBase } from 'pg';

/** Numbers of the types that are read in a way of their own; they are the same in every PostgreSQL (pg_type.dat). */
export const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  numeric: 1700,
  jsonb: 3802,
} as const;

/** How the text of a type is to be taken apart. Enums, ranges, composites and all else stay text. */
export type TypeShape =
  | { readonly kind: 'text' }
  | { readonly kind: 'array'; readonly elementOid: number; readonly delimiter: string }
  | { readonly kind: 'domain'; readonly baseOid: number };

const TEXT: TypeShape = { kind: 'text' };
/** Types that are read without a look into the catalogue: those above and the common texts. */
const PLAIN: ReadonlySet<number> = new Set([
  ...Object.values(OID),
  // char, name, text, bpchar, varchar, time, timetz, uuid, unknown, record, void, inet, cidr, xml, money, bit, varbit
  ...[18, 19, 25, 1042, 1043, 1083, 1266, 2950, 705, 2249, 2278, 869, 650, 142, 790, 1560, 1562],
]);
/** Called arrays by the catalogue, and written without braces. */
const VECTORS: ReadonlySet<number> = new Set([22, 30]);
/** Types of elements of types of elements end somewhere; a catalogue that says otherwise is not followed. */
const MAX_ROUNDS_COUNT = 8;

const LOOK = `SELECT oid::int8 AS oid, typtype, typelem::int8 AS element, typbasetype::int8 AS base, typdelim,
  typcategory = 'A' AND typelem <> 0 AS is_array FROM pg_catalog.pg_type WHERE oid = ANY($1::int8[]::oid[])`;

interface TypeRow {
  readonly oid: string;
  readonly typtype: string;
  readonly element: string;
  readonly base: string;
  readonly typdelim: string;
  readonly is_array: boolean;
}

/** What a database's catalogue says of the types that columns have, asked once for each. */
export class TypeShapes {
  readonly #shapes = new Map<number, TypeShape>();

  readonly shapeOf = (oid: number): TypeShape => this.#shapes.get(oid) ?? TEXT;

  /** Makes sure that these types and those inside them are known, by asking the catalogue on `client` where they are not. */
  async learn(client: ClientBase, oids: readonly number[]): Promise<void> {
    let unknown = oids.filter((oid) => this.#isUnknown(oid));
    for (let round = 0; unknown.length > 0 && round < MAX_ROUNDS_COUNT; round++) {
      const { rows } = await client.query<TypeRow>(LOOK, [[...new Set(unknown)]]);
      for (const row of rows) this.#shapes.set(Number(row.oid), shapeOfRow(row));
      // A type that was dropped meanwhile is not asked for again and again.
      for (const oid of unknown) if (!this.#shapes.has(oid)) this.#shapes.set(oid, TEXT);
      unknown = unknown.flatMap((oid) => innerOf(this.shapeOf(oid))).filter((oid) => this.#isUnknown(oid));
    }
  }

  /** After a new connection: another server may stand behind the same address, with other numbers. */
  forget(): void {
    this.#shapes.clear();
  }

  #isUnknown(oid: number): boolean {
    return !PLAIN.has(oid) && !this.#shapes.has(oid);
  }
}

function shapeOfRow({ oid, typtype, element, base, typdelim, is_array: isArray }: TypeRow): TypeShape {
  if (typtype === 'd') return { kind: 'domain', baseOid: Number(base) };
  if (isArray && !VECTORS.has(Number(oid)))
    return { kind: 'array', elementOid: Number(element), delimiter: typdelim };
  return TEXT;
}

function innerOf(shape: TypeShape): number[] {
  if (shape.kind === 'array') return [shape.elementOid];
  return shape.kind === 'domain' ? [shape.baseOid] : [];
}
