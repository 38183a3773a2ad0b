import { jsonValue } from '../../content/json-value.js';
import type { NaiveTime } from '../naive-time.js';
import type { Cell, ColumnType } from '../source.js';
import { validJson } from '../valid-json.js';
import { arrayJson } from './array-text.js';
import { dateText, durationText, instantText } from './instant-text.js';
import { OID, type TypeShape } from './type-shapes.js';

/** How the values of one column are read from the text that PostgreSQL writes. */
export interface CellReader {
  readonly type: ColumnType;
  read(text: string): Cell;
}

export interface ReaderContext {
  /** What is known of the types that PostgreSQL does not come with. */
  readonly shapeOf: (oid: number) => TypeShape;
  /** Which zone its timestamps without one are meant in. */
  readonly time: NaiveTime;
}

/** The reader for a column of this type. What is not named here is text, as PostgreSQL writes it. */
export function cellReader(oid: number, context: ReaderContext): CellReader {
  switch (oid) {
    case OID.bool:
      return { type: 'boolean', read: (text) => text === 't' };
    case OID.int2:
    case OID.int4:
    case OID.int8:
    case OID.oid:
      return { type: 'integer', read: integer };
    case OID.numeric:
      return { type: 'decimal', read: (text) => text };
    case OID.float4:
    case OID.float8:
      return { type: 'float', read: Number };
    case OID.date:
      return { type: 'date', read: dateText };
    case OID.timestamp:
    case OID.timestamptz:
      return { type: 'timestamp', read: (text) => instantText(text, context.time) };
    case OID.json:
    case OID.jsonb:
      return { type: 'json', read: validJson };
    case OID.interval:
      return { type: 'text', read: durationText };
    case OID.bytea:
      return { type: 'text', read: (text) => Buffer.from(text.slice(2), 'hex').toString('base64') };
    default:
      return otherReader(oid, context);
  }
}

function otherReader(oid: number, context: ReaderContext): CellReader {
  const shape = context.shapeOf(oid);
  if (shape.kind === 'domain') return cellReader(shape.baseOid, context);
  if (shape.kind === 'text') return { type: 'text', read: (text) => text };
  const inner = cellReader(shape.elementOid, context);
  const element = (text: string) => jsonValue(inner.type, inner.read(text));
  return { type: 'json', read: (text) => arrayJson(text, { delimiter: shape.delimiter, element }) };
}

function integer(text: string): Cell {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
