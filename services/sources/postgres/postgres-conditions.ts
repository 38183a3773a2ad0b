import { type BindAt, type Condition, type Operand, OTHER } from '../query-shape.js';
import { isSyntax, listOf, type Syntax, textOf, textsOf } from './dependencies/syntax.js';

/** Casts that never make two values one: of columns, of values, and of values that are integers. */
const OF_COLUMNS: ReadonlySet<string> = new Set(['text', 'varchar']);
const OF_VALUES: ReadonlySet<string> = new Set([...OF_COLUMNS, 'uuid']);
const OF_INTEGERS: ReadonlySet<string> = new Set([...OF_VALUES, 'int2', 'int4', 'int8', 'numeric']);

/** The equalities of an expression, joined by AND and OR. */
export function conditionOf(expression: unknown, bindAt: BindAt): Condition {
  if (!isSyntax(expression)) return OTHER;
  const { BoolExpr: bool, A_Expr: comparison } = expression;
  if (isSyntax(bool)) return ofBoolean(bool, bindAt);
  return isSyntax(comparison) ? ofComparison(comparison, bindAt) : OTHER;
}

function ofBoolean({ boolop, args }: Syntax, bindAt: BindAt): Condition {
  if (boolop !== 'AND_EXPR' && boolop !== 'OR_EXPR') return OTHER;
  const items = listOf(args).map((each) => conditionOf(each, bindAt));
  return { kind: boolop === 'AND_EXPR' ? 'and' : 'or', items };
}

function ofComparison({ kind, name, lexpr, rexpr }: Syntax, bindAt: BindAt): Condition {
  const [operator, ...schema] = textsOf(name);
  if (operator !== '=' || schema.length > 0) return OTHER;
  const right = rightOf(String(kind), rexpr);
  if (right === null) return OTHER;
  return { kind: 'equal', left: operandOf(lexpr, bindAt), right: operandOf(right, bindAt) };
}

/** `a = b`, and `a IN (b)` and `a = ANY (ARRAY[b])` of one element. */
function rightOf(kind: string, right: unknown): unknown {
  if (kind === 'AEXPR_OP') return right;
  if (!isSyntax(right)) return null;
  const { List: list, A_ArrayExpr: array } = right;
  const inside = kind === 'AEXPR_IN' ? list : kind === 'AEXPR_OP_ANY' ? array : null;
  const [only, ...more] = isSyntax(inside) ? listOf(inside['items'] ?? inside['elements']) : [];
  return only === undefined || more.length > 0 ? null : only;
}

export function operandOf(expression: unknown, bindAt: BindAt): Operand {
  if (!isSyntax(expression)) return OTHER;
  const { TypeCast: cast, ParamRef: parameter, ColumnRef: column } = expression;
  if (isSyntax(cast)) return ofCast(cast, bindAt);
  if (isSyntax(parameter)) return bindOf(parameter, bindAt);
  return isSyntax(column) ? ofColumn(column) : OTHER;
}

function ofCast({ arg, typeName }: Syntax, bindAt: BindAt): Operand {
  // The cast around every value of ours says the type that is declared for it.
  const parameter = isSyntax(arg) ? arg['ParamRef'] : null;
  if (isSyntax(parameter)) return bindOf(parameter, bindAt);
  const operand = operandOf(arg, bindAt);
  if (!isSyntax(typeName) || listOf(typeName['typmods']).length > 0) return OTHER;
  if (listOf(typeName['arrayBounds']).length > 0) return OTHER;
  return harmlessCasts(operand).has(textsOf(typeName['names']).at(-1) ?? '') ? operand : OTHER;
}

function harmlessCasts(operand: Operand): ReadonlySet<string> {
  if (operand.kind !== 'bind') return OF_COLUMNS;
  return operand.type === 'integer' ? OF_INTEGERS : OF_VALUES;
}

function bindOf({ number }: Syntax, bindAt: BindAt): Operand {
  return bindAt(Number(number)) ?? OTHER;
}

function ofColumn({ fields }: Syntax): Operand {
  const names = listOf(fields).map(textOf);
  const [first = null, second = null] = names;
  if (names.length === 1 && first !== null) return { kind: 'column', table: null, name: first };
  if (names.length === 2 && first !== null && second !== null)
    return { kind: 'column', table: first, name: second };
  return OTHER;
}
