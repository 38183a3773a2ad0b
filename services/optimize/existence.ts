import type { Edit } from './edit.js';
import type { SyntaxNode } from './syntax.js';

/** What a check of a count wants to know: whether there is some, or whether there is none. */
export type Wanted = 'some' | 'none';

/** A check of a count that can only tell some from none. */
export interface ExistenceCheck {
  /** The call that counts. */
  readonly call: SyntaxNode;
  /** What is replaced: the comparison, or the call itself where its truth is the check. */
  readonly node: SyntaxNode;
  readonly wanted: Wanted;
  /** What the comparison has beside the count; null without a comparison. */
  readonly comparison: Comparison | null;
}

export interface Comparison {
  /** The side of the count, with its brackets. */
  readonly operand: SyntaxNode;
  readonly operator: SyntaxNode;
  readonly bound: SyntaxNode;
}

const MIRRORED: Readonly<Record<string, string>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' };

/** By what stands after the count. A count is never negative, so `<= 0` is `== 0`. */
const MEANINGS: Readonly<Record<string, Wanted>> = {
  '> 0': 'some',
  '>= 1': 'some',
  '!= 0': 'some',
  '!== 0': 'some',
  '== 0': 'none',
  '=== 0': 'none',
  '< 1': 'none',
  '<= 0': 'none',
};

/** What a comparison of a count asks; null where it asks for more than existence. */
export function wantedBy({ operand, operator, bound }: Comparison): Wanted | null {
  const isReversed = bound.range().start.index < operand.range().start.index;
  const sign = operator.text();
  return MEANINGS[`${isReversed ? (MIRRORED[sign] ?? sign) : sign} ${bound.text()}`] ?? null;
}

/** Takes away the operator and the bound, and the space between; a comment in between stays. */
export function withoutBound(text: string, { operand, operator, bound }: Comparison): Edit[] {
  const isReversed = bound.range().start.index < operand.range().start.index;
  const [first, last] = (isReversed ? [bound, operand] : [operand, bound]).map(rangeOf);
  const sign = rangeOf(operator);
  if (!first || !last) return [];
  const isSpace = (from: number, to: number) => /^[\s\\]*$/.test(text.slice(from, to));
  const isBeforeSpace = isSpace(first.endOffset, sign.startOffset);
  const isAfterSpace = isSpace(sign.endOffset, last.startOffset);
  if (isBeforeSpace && isAfterSpace)
    return [
      isReversed
        ? { startOffset: first.startOffset, endOffset: last.startOffset, text: '' }
        : { startOffset: first.endOffset, endOffset: last.endOffset, text: '' },
    ];
  if (isReversed ? isBeforeSpace : isAfterSpace)
    return [
      isReversed
        ? { startOffset: first.startOffset, endOffset: sign.endOffset, text: '' }
        : { startOffset: sign.startOffset, endOffset: last.endOffset, text: '' },
    ];
  return [operator, bound].map((token) => ({ ...rangeOf(token), text: '' }));
}

export function rangeOf(node: SyntaxNode): { startOffset: number; endOffset: number } {
  const { start, end } = node.range();
  return { startOffset: start.index, endOffset: end.index };
}

/** The node without the brackets around it. */
export function unwrapped(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.is('parenthesized_expression')) {
    const [only, ...others] = operandsOf(inner);
    if (!only || others.length > 0) return inner;
    inner = only;
  }
  return inner;
}

/** The outermost brackets around the node, or the node. */
export function wrapped(node: SyntaxNode): SyntaxNode {
  let outer = node;
  for (let parent = node.parent(); parent?.is('parenthesized_expression'); parent = parent.parent())
    outer = parent;
  return outer;
}

export function isSame(one: SyntaxNode | null, other: SyntaxNode | null): boolean {
  return one !== null && other !== null && one.id() === other.id();
}

/** What a node consists of, without comments and continued lines. */
export function partsOf(node: SyntaxNode): SyntaxNode[] {
  return node.children().filter((child) => !child.is('comment') && !child.is('line_continuation'));
}

/** Of these, what is no sign or keyword. */
export function operandsOf(node: SyntaxNode): SyntaxNode[] {
  return partsOf(node).filter((child) => child.isNamed());
}
