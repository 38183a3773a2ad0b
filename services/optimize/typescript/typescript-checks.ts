import { type ExistenceCheck, isSame, wantedBy, wrapped } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';

const COUNTS = /^(count|countBy|getCount|countDocuments|estimatedDocumentCount)$/;
const COMPARES = /^([<>]=?|[!=]==?)$/;
const ASSERTS = /^(expect|assert|should|expectTypeOf|invariant)\b/;
/** Of the `t` that tests of tap, ava and node:test are given. */
const ASSERTS_OF_TESTS =
  /^(t|tap|test)\.(ok|notOk|equal|not|is|same|true|false|truthy|falsy|assert|strictEqual)$/;

/** A count that is not awaited where it is compared: a promise is never above zero. */
export interface TypeScriptCheck extends ExistenceCheck {
  readonly isAwaited: boolean;
}

/** Every check of a counting call that can only tell some from none. */
export function typeScriptChecks(root: SyntaxNode): TypeScriptCheck[] {
  const calls = root.findAll({ rule: { kind: 'call_expression', regex: '[cC]ount' } });
  return calls.filter((call) => COUNTS.test(methodOf(call))).flatMap((call) => checkOf(call) ?? []);
}

/** The name of the method that is called; '' where none is. */
export function methodOf(call: SyntaxNode): string {
  const callee = call.field('function');
  return callee?.is('member_expression') ? (callee.field('property')?.text() ?? '') : '';
}

function checkOf(call: SyntaxNode): TypeScriptCheck | null {
  const parent = wrapped(call).parent();
  const isAwaited = parent?.is('await_expression') === true;
  const operand = wrapped(parent && isAwaited ? parent : call);
  const outer = operand.parent();
  if (outer?.is('binary_expression') && COMPARES.test(operatorOf(outer))) {
    const check = comparedBy(call, operand, outer);
    return check && { ...check, isAwaited };
  }
  // The truth of a promise says nothing, and is no check of a count.
  if (!isAwaited || !isCondition(operand)) return null;
  return { call, node: call, wanted: 'some', comparison: null, isAwaited };
}

function comparedBy(call: SyntaxNode, operand: SyntaxNode, node: SyntaxNode): ExistenceCheck | null {
  const [left, right, operator] = [node.field('left'), node.field('right'), node.field('operator')];
  if (!left || !right || !operator || isChained(node)) return null;
  const comparison = { operand, operator, bound: isSame(left, operand) ? right : left };
  const wanted = wantedBy(comparison);
  return wanted && { call, node, wanted, comparison };
}

function isChained(node: SyntaxNode): boolean {
  const parent = node.parent();
  return parent?.is('binary_expression') === true && COMPARES.test(operatorOf(parent));
}

function operatorOf(node: SyntaxNode): string {
  return node.field('operator')?.text() ?? '';
}

/** Whether only the truth of an expression counts where it stands. */
export function isCondition(expression: SyntaxNode): boolean {
  const parent = expression.parent();
  switch (parent?.kind()) {
    case 'if_statement':
    case 'while_statement':
    case 'do_statement':
      return isSame(parent.field('condition'), expression);
    case 'for_statement':
      return isSame(parent.field('condition'), expression);
    case 'expression_statement':
      return (
        isSame(parent.parent()?.field('condition') ?? null, parent) || expression.is('binary_expression')
      );
    case 'unary_expression':
      return operatorOf(parent) === '!';
    case 'ternary_expression':
      return isSame(parent.field('condition'), expression) || isCondition(parent);
    case 'binary_expression':
      return /^(&&|\|\|)$/.test(operatorOf(parent)) && isCondition(parent);
    case 'parenthesized_expression':
      return isCondition(parent);
    case 'arguments':
      return parent.parent()?.field('function')?.text() === 'Boolean';
    default:
      return false;
  }
}

/** Where the count is one of the operands of `&&` and `||` whose value goes on. */
export function leaksFromLogical(root: SyntaxNode): SyntaxNode[] {
  const calls = root.findAll({ rule: { kind: 'call_expression', regex: '[cC]ount' } });
  return calls.filter((call) => {
    const parent = wrapped(call).parent();
    if (!COUNTS.test(methodOf(call)) || !parent?.is('await_expression')) return false;
    const operand = wrapped(parent);
    const outer = operand.parent();
    return (
      outer?.is('binary_expression') === true &&
      /^(&&|\|\|)$/.test(operatorOf(outer)) &&
      !isCondition(operand)
    );
  });
}

/** Whether an expression belongs to a test's assertion. */
export function isAssertedTypeScript(node: SyntaxNode): boolean {
  return node.ancestors().some((ancestor) => {
    const callee = ancestor.is('call_expression') ? (ancestor.field('function')?.text() ?? '') : '';
    return ASSERTS.test(callee) || ASSERTS_OF_TESTS.test(callee);
  });
}
