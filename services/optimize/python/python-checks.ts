import { type ExistenceCheck, isSame, operandsOf, partsOf, wantedBy, wrapped } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';

/** Every check of `.count()` without arguments that can only tell some from none, awaited ones too. */
export function pythonChecks(root: SyntaxNode): ExistenceCheck[] {
  return callsOf(root, /^a?count$/).flatMap((call) => checkOf(call) ?? []);
}

function callsOf(root: SyntaxNode, name: RegExp): SyntaxNode[] {
  return root.findAll({ rule: { kind: 'call', regex: '\\bcount\\b|\\bacount\\b' } }).filter((call) => {
    const callee = call.field('function');
    if (!callee?.is('attribute') || !name.test(callee.field('attribute')?.text() ?? '')) return false;
    const given = call.field('arguments');
    return given?.is('argument_list') && operandsOf(given).length === 0;
  });
}

function checkOf(call: SyntaxNode): ExistenceCheck | null {
  const parent = wrapped(call).parent();
  const operand = wrapped(parent?.is('await') ? parent : call);
  const outer = operand.parent();
  if (outer?.is('comparison_operator')) return comparedBy(call, operand, outer);
  if (!isCondition(operand)) return null;
  return { call, node: call, wanted: 'some', comparison: null };
}

function comparedBy(call: SyntaxNode, operand: SyntaxNode, node: SyntaxNode): ExistenceCheck | null {
  const [left, operator, right, ...chained] = partsOf(node);
  if (!left || !operator || !right || chained.length > 0) return null;
  const comparison = { operand, operator, bound: isSame(left, operand) ? right : left };
  const wanted = wantedBy(comparison);
  return wanted && { call, node, wanted, comparison };
}

/** Whether only the truth of an expression counts where it stands. */
export function isCondition(expression: SyntaxNode): boolean {
  const parent = expression.parent();
  switch (parent?.kind()) {
    case 'if_statement':
    case 'elif_clause':
    case 'while_statement':
      return isSame(parent.field('condition'), expression);
    case 'not_operator':
    case 'if_clause':
      return true;
    case 'conditional_expression':
      return isSame(operandsOf(parent)[1] ?? null, expression) || isCondition(parent);
    case 'boolean_operator':
      return isCondition(parent) || parent.parent()?.is('expression_statement') === true;
    case 'parenthesized_expression':
      return isCondition(parent);
    case 'argument_list':
      return parent.parent()?.field('function')?.text() === 'bool' && operandsOf(parent).length === 1;
    default:
      return false;
  }
}

/** Where the count is one of the operands of `and` and `or` whose value goes on. */
export function leaksFromBoolean(root: SyntaxNode): SyntaxNode[] {
  return callsOf(root, /^count$/).filter((call) => {
    const operand = wrapped(call);
    return operand.parent()?.is('boolean_operator') === true && !isCondition(operand);
  });
}

/** Counts of SQLAlchemy 2: `session.scalar(select(func.count())...) > 0`. */
export function selectedCounts(root: SyntaxNode): SyntaxNode[] {
  return root.findAll({ rule: { kind: 'comparison_operator', regex: 'func\\.count\\(' } }).filter((node) => {
    const [left, operator, right, ...chained] = partsOf(node);
    if (!left || !operator || !right || chained.length > 0) return false;
    const [operand, bound] = left.is('integer') ? [right, left] : [left, right];
    return bound.is('integer') && wantedBy({ operand, operator, bound }) !== null;
  });
}

/** Whether an expression belongs to a test's assertion. */
export function isAssertedPython(node: SyntaxNode): boolean {
  return node.ancestors().some((ancestor) => {
    if (ancestor.is('assert_statement')) return true;
    if (!ancestor.is('call')) return false;
    const callee = ancestor.field('function');
    const name = callee?.is('attribute') ? callee.field('attribute') : callee;
    return /^_?(assert|fail|expect|should)/.test(name?.text() ?? '');
  });
}
