import { type BindAt, type Condition, type Operand, OTHER } from '../query-shape.js';
import { isSyntax, listOf, lower, type Syntax } from './syntax.js';

/** Casts that never make two values one: of columns, of values, and of values that are integers. */
const OF_COLUMNS: ReadonlySet<unknown> = new Set(['VARCHAR']);
const OF_VALUES: ReadonlySet<unknown> = new Set([...OF_COLUMNS, 'UUID']);
const OF_INTEGERS: ReadonlySet<unknown> = new Set([
  ...OF_VALUES,
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'],
  ...['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'],
]);

/** The equalities of an expression, joined by AND and OR. */
export function conditionOf(expression: unknown, bindAt: BindAt): Condition {
  if (!isSyntax(expression)) return OTHER;
  const { type, children, left, right } = expression;
  if (type === 'CONJUNCTION_AND' || type === 'CONJUNCTION_OR') {
    const items = listOf(children).map((each) => conditionOf(each, bindAt));
    return { kind: type === 'CONJUNCTION_AND' ? 'and' : 'or', items };
  }
  if (type === 'COMPARE_EQUAL') return equal(left, right, bindAt);
  const [value, only, ...more] = listOf(children);
  return type === 'COMPARE_IN' && more.length === 0 ? equal(value, only, bindAt) : OTHER;
}

function equal(left: unknown, right: unknown, bindAt: BindAt): Condition {
  return { kind: 'equal', left: operandOf(left, bindAt), right: operandOf(right, bindAt) };
}

export function operandOf(expression: unknown, bindAt: BindAt): Operand {
  if (!isSyntax(expression)) return OTHER;
  if (expression['type'] === 'OPERATOR_CAST') return ofCast(expression, bindAt);
  if (expression['type'] === 'VALUE_PARAMETER') return bindAt(Number(expression['identifier'])) ?? OTHER;
  if (expression['type'] !== 'COLUMN_REF') return OTHER;
  const [first, second, ...more] = listOf(expression['column_names']).map(lower);
  if (first === undefined || more.length > 0) return OTHER;
  return second === undefined
    ? { kind: 'column', table: null, name: first }
    : { kind: 'column', table: first, name: second };
}

function ofCast({ child, cast_type: type }: Syntax, bindAt: BindAt): Operand {
  const operand = operandOf(child, bindAt);
  // The cast around every value of ours says the type that is declared for it.
  if (isSyntax(child) && child['type'] === 'VALUE_PARAMETER') return operand;
  return isSyntax(type) && harmlessCasts(operand).has(type['id']) ? operand : OTHER;
}

function harmlessCasts(operand: Operand): ReadonlySet<unknown> {
  if (operand.kind !== 'bind') return OF_COLUMNS;
  return operand.type === 'integer' ? OF_INTEGERS : OF_VALUES;
}
