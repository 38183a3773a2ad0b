import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
  dateValue,
  TIMESTAMP,
  timestampValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { Binds, BindType, BindValue } from '../../definitions/model.js';
import { bindOf } from '../bind-of.js';
import type { NaiveTime } from '../naive-time.js';

const TYPES: Readonly<Record<BindType, DuckDBType>> = {
  integer: BIGINT,
  number: DOUBLE,
  boolean: BOOLEAN,
  string: VARCHAR,
  date: DATE,
  timestamp: TIMESTAMP,
};

/** Binds `names[i]` to parameter i + 1, each value with its declared type, NULL included. */
export function bindValues(
  prepared: DuckDBPreparedStatement,
  names: readonly string[],
  values: { readonly binds: Binds; readonly time: NaiveTime },
): void {
  for (const [index, name] of names.entries()) {
    const bind = bindOf(values.binds, name);
    prepared.bindValue(index + 1, duckdbValue(bind, values.time), TYPES[bind.type]);
  }
}

function duckdbValue(bind: BindValue, time: NaiveTime): DuckDBValue {
  if (bind.value === null) return null;
  switch (bind.type) {
    case 'integer':
      return BigInt(bind.value);
    case 'date':
      return dateValue(Math.round(Date.parse(`${bind.value}T00:00:00Z`) / 86_400_000));
    case 'timestamp':
      return timestampValue(BigInt(time.toNaiveMs(bind.value)) * 1000n);
    default:
      return bind.value;
  }
}
