import { Row } from './row.js';

export interface Relation {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly RelationColumn[];
}

export interface RelationColumn {
  readonly name: string;
  readonly typeId: number;
  /** Part of what PostgreSQL sends of the old row. */
  readonly isIdentity: boolean;
}

/** What of the old row was sent: its identity alone, with NULL for the other columns, or all of it. */
export interface OldRow {
  readonly extent: 'identity' | 'full';
  readonly row: Row;
}

export type PgoutputMessage =
  | { readonly kind: 'begin'; readonly xid: number }
  | { readonly kind: 'commit'; readonly endLsn: bigint }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | { readonly kind: 'insert'; readonly relationId: number; readonly row: Row }
  | { readonly kind: 'update'; readonly relationId: number; readonly old: OldRow | null; readonly row: Row }
  | { readonly kind: 'delete'; readonly relationId: number; readonly old: OldRow }
  | { readonly kind: 'truncate'; readonly relationIds: readonly number[] }
  | { readonly kind: 'message'; readonly prefix: string; readonly content: string }
  | { readonly kind: 'other' };

/**
 * One message of pgoutput, from `at` to the end, protocol 1: no transaction is sent before it has committed. Of a row nothing is read before it is asked.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export function readPgoutput(bytes: Buffer, at = 0): PgoutputMessage {
  const reader = new Reader(bytes, at);
  switch (reader.char()) {
    case 'B':
      reader.skip(8 + 8);
      return { kind: 'begin', xid: reader.uint32() };
    case 'C':
      reader.skip(1 + 8);
      return { kind: 'commit', endLsn: reader.uint64() };
    case 'R':
      return { kind: 'relation', relation: readRelation(reader) };
    case 'I':
      return { kind: 'insert', relationId: reader.uint32(), row: readMarkedRow(reader) };
    case 'U':
      return readUpdate(reader);
    case 'D':
      return { kind: 'delete', relationId: reader.uint32(), old: readOldRow(reader, reader.char()) };
    case 'T':
      return readTruncate(reader);
    case 'M':
      reader.skip(1 + 8);
      return { kind: 'message', prefix: reader.text(), content: reader.bytes(reader.uint32()).toString() };
    default:
      // Types and origins of transactions say nothing about rows.
      return { kind: 'other' };
  }
}

/** Of which relation a message brings a row, whatever is in it; null: it brings none. */
export function relationOfRow(bytes: Buffer, at = 0): number | null {
  const kind = bytes[at];
  const isRow = kind === 0x49 || kind === 0x55 || kind === 0x44;
  return isRow ? bytes.readUInt32BE(at + 1) : null;
}

function readRelation(reader: Reader): Relation {
  const id = reader.uint32();
  // An empty name stands for pg_catalog.
  const schema = reader.text() || 'pg_catalog';
  const name = reader.text();
  reader.skip(1);
  const columns = Array.from({ length: reader.uint16() }, () => {
    const isIdentity = (reader.uint8() & 1) === 1;
    const column = { name: reader.text(), typeId: reader.uint32(), isIdentity };
    reader.skip(4);
    return column;
  });
  return { id, schema, name, columns };
}

function readUpdate(reader: Reader): PgoutputMessage {
  const relationId = reader.uint32();
  const mark = reader.char();
  if (mark === 'N') return { kind: 'update', relationId, old: null, row: reader.row() };
  const old = readOldRow(reader, mark);
  reader.skipRow(old.row);
  return { kind: 'update', relationId, old, row: readMarkedRow(reader) };
}

function readTruncate(reader: Reader): PgoutputMessage {
  const length = reader.uint32();
  reader.skip(1);
  return { kind: 'truncate', relationIds: Array.from({ length }, () => reader.uint32()) };
}

function readOldRow(reader: Reader, mark: string): OldRow {
  return { extent: mark === 'O' ? 'full' : 'identity', row: reader.row() };
}

/** Behind the letter that says that it is the new row. */
function readMarkedRow(reader: Reader): Row {
  reader.skip(1);
  return reader.row();
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  skip(count: number): void {
    this.#at += count;
  }

  char(): string {
    return String.fromCharCode(this.uint8());
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#past(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#past(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#past(4));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#past(8));
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new RangeError('a name without an end');
    return this.#bytes.toString('utf8', this.#past(end - this.#at + 1), end);
  }

  bytes(count: number): Buffer {
    const from = this.#past(count);
    if (this.#at > this.#bytes.length) throw new RangeError('a value beyond the end of its message');
    return this.#bytes.subarray(from, this.#at);
  }

  /** The row that begins here; it is not gone past. */
  row(): Row {
    return new Row(this.#bytes, this.#at);
  }

  skipRow(row: Row): void {
    this.#at = row.end();
  }

  /** Where it stood before. */
  #past(count: number): number {
    const from = this.#at;
    this.#at += count;
    return from;
  }
}
