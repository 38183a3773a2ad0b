import type { Condition, JoinShape, Operand } from '../sources/query-shape.js';

export interface Equality {
  readonly left: Operand;
  readonly right: Operand;
}

/** Those that hold whenever the condition does: of OR, what every arm says. */
export function equalitiesOf(condition: Condition): readonly Equality[] {
  if (condition.kind === 'other') return [];
  if (condition.kind === 'equal') return [condition];
  const each = condition.items.map(equalitiesOf);
  if (condition.kind === 'and') return each.flat();
  const [first = [], ...rest] = each;
  return first.filter((one) => rest.every((arm) => arm.some((other) => isSame(one, other))));
}

/**
 * The aliases of whose rows the condition of a join tells: those rows have an effect only where it holds. An outer join keeps the
 * rows of its other side whether it holds or not.
 */
export function toldByJoin(
  { type }: JoinShape,
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
): ReadonlySet<string> {
  return {
    inner: new Set([...left, ...right]),
    left: right,
    right: left,
    full: new Set<string>(),
  }[type];
}

function isSame(a: Equality, b: Equality): boolean {
  return JSON.stringify([a.left, a.right]) === JSON.stringify([b.left, b.right]);
}
