import { DashcacheError } from '../../errors.js';
import type { Binds, BindType, BindValue, Statement } from '../definitions/model.js';
import { placeholderOffsets } from '../definitions/statement.js';
import { StatementRejected } from './source.js';

/** The value bound to a name. Its absence is a fault of the caller, who knows what the statement binds. */
export function bindOf(binds: Binds, name: string): BindValue {
  const bind = binds.get(name);
  if (!bind) throw new DashcacheError('internal', { cause: new Error(`No value was given for :${name}`) });
  return bind;
}

/** The declared type of a name that a statement binds. Throws StatementRejected at its first place when there is none. */
export function declaredType(
  statement: Statement,
  types: ReadonlyMap<string, BindType>,
  name: string,
): BindType {
  const type = types.get(name);
  if (type) return type;
  const offset = placeholderOffsets(statement)[statement.names.indexOf(name)] ?? null;
  throw new StatementRejected(`:${name} is bound but not declared`, offset);
}

/** Throws StatementRejected for the one character that no database reads. */
export function refuseNul({ text }: Statement): void {
  if (text.includes('\0'))
    throw new StatementRejected('A query cannot hold the character NUL.', text.indexOf('\0'));
}
