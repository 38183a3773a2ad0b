import type { Binds, BindType, BindValue, Statement } from '../../definitions/model.js';
import { bindOf } from '../bind-of.js';
import { isoInstant } from '../iso-text.js';
import type { NaiveTime } from '../naive-time.js';
import { type SpelledStatement, spellStatement } from '../spelled-statement.js';
import { postgresTime } from './instant-text.js';

/** PostgreSQL's types of the values that are bound. A timestamp is naive, in the zone of the source, as with every source. */
export const SQL_TYPES: Readonly<Record<BindType, string>> = {
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  string: 'text',
  date: 'date',
  timestamp: 'timestamp',
};

/** A statement in PostgreSQL's spelling. `names[i]` is bound to parameter i + 1. */
export interface PostgresText extends SpelledStatement {
  readonly names: readonly string[];
}

/**
 * Writes `:name` as `(CAST($1 AS bigint))`: the same value for every place of a name, NULL typed, and columns known before any
 * value is. PostgreSQL folds the cast when it plans.
 */
export function postgresText(statement: Statement, typeOf: (name: string) => BindType): PostgresText {
  const names = [...new Set(statement.names)];
  const placeholder = (name: string) => `(CAST($${names.indexOf(name) + 1} AS ${SQL_TYPES[typeOf(name)]}))`;
  return { ...spellStatement(statement, placeholder), names };
}

/** The values of `names` as texts that PostgreSQL reads with their declared types. */
export function boundTexts(
  names: readonly string[],
  values: { readonly binds: Binds; readonly time: NaiveTime },
): (string | null)[] {
  return names.map((name) => boundText(bindOf(values.binds, name), values.time));
}

function boundText(bind: BindValue, time: NaiveTime): string | null {
  if (bind.value === null) return null;
  if (bind.type === 'date') return postgresTime(bind.value);
  if (bind.type === 'timestamp') return postgresTime(isoInstant(time.toNaiveMs(bind.value), 0));
  return String(bind.value);
}
