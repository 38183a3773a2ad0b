import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBIntervalValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import { isoDate, isoDuration, isoInstant } from '../iso-text.js';
import type { NaiveTime } from '../naive-time.js';
import type { Cell, ColumnType } from '../source.js';
import { validJson } from '../valid-json.js';
import { nestedReader } from './nested-json.js';

/** How the values of one column are read. */
export interface CellReader {
  readonly type: ColumnType;
  read(value: DuckDBValue): Cell;
}

/** The reader for a column of this type. `time` says which zone its timestamps without one are meant in. */
export function cellReader(type: DuckDBType, time: NaiveTime): CellReader {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { type: 'boolean', read: (value) => (typeof value === 'boolean' ? value : null) };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.BIGNUM:
      return { type: 'integer', read: integer };
    case DuckDBTypeId.DECIMAL:
      return { type: 'decimal', read: text };
    case DuckDBTypeId.DOUBLE:
      return { type: 'float', read: (value) => (typeof value === 'number' ? value : null) };
    case DuckDBTypeId.FLOAT:
      return { type: 'float', read: (value) => (typeof value === 'number' ? shortestFloat(value) : null) };
    case DuckDBTypeId.DATE:
      return { type: 'date', read: date };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { type: 'timestamp', read: (value) => timestamp(value, time) };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.VARIANT: {
      const read = nestedReader(type, (inner) => cellReader(inner, time));
      return { type: 'json', read: (value) => (value === null ? null : read(value)) };
    }
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? { type: 'json', read: jsonColumn } : { type: 'text', read: text };
    default:
      return { type: 'text', read: otherText };
  }
}

function integer(value: DuckDBValue): Cell {
  if (typeof value !== 'bigint') return typeof value === 'number' ? value : null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function text(value: DuckDBValue): Cell {
  return value === null ? null : String(value);
}

function jsonColumn(value: DuckDBValue): Cell {
  return value === null ? null : validJson(String(value));
}

function otherText(value: DuckDBValue): Cell {
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBIntervalValue) return isoDuration(value.months, value.days, value.micros);
  return text(value);
}

/** A float has 24 bits: as a double it would show digits that nobody stored (1.100000023841858 for 1.1). */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : value;
}

/** Infinite dates have no spelling in JSON and are null, as infinite numbers are. */
function date(value: DuckDBValue): Cell {
  return value instanceof DuckDBDateValue && isFiniteDate(value.days) ? isoDate(value.days) : null;
}

/** DuckDBDateValue.isFinite of 1.5.6 takes -infinity for a date. */
function isFiniteDate(days: number): boolean {
  return Math.abs(days) < 2_147_483_647;
}

function timestamp(value: DuckDBValue, time: NaiveTime): Cell {
  if (value instanceof DuckDBTimestampTZValue) return instant(value.micros, 1_000_000n, null);
  if (value instanceof DuckDBTimestampValue) return instant(value.micros, 1_000_000n, time);
  if (value instanceof DuckDBTimestampMillisecondsValue) return instant(value.millis, 1000n, time);
  if (value instanceof DuckDBTimestampNanosecondsValue) return instant(value.nanos, 1_000_000_000n, time);
  if (value instanceof DuckDBTimestampSecondsValue) return instant(value.seconds, 1n, time);
  return null;
}

const INFINITE = 9_223_372_036_854_775_807n;

/** `count` of which `perSecond` are a second, since 1970; naive and meant in the zone of `time`, or an instant. */
function instant(count: bigint, perSecond: bigint, time: NaiveTime | null): Cell {
  if (count === INFINITE || count === -INFINITE) return null;
  const rest = count % perSecond;
  const restCount = rest < 0n ? rest + perSecond : rest;
  const nanos = Number((restCount * 1_000_000_000n) / perSecond);
  const ms = Number((count - restCount) / perSecond) * 1000 + Math.floor(nanos / 1_000_000);
  return isoInstant(ms - (time?.offsetAtNaiveMs(ms) ?? 0), nanos % 1_000_000);
}
