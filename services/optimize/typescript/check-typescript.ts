import type { Edit } from '../edit.js';
import { rangeOf, unwrapped, withoutBound } from '../existence.js';
import { type Finding, isRewritten, type Orm, type Proposal } from '../finding.js';
import { isMarked, markedLines } from '../marked-lines.js';
import type { SyntaxNode } from '../syntax.js';
import { knownNames } from './known-names.js';
import { prismaProposal } from './prisma.js';
import { typeOrmProposal } from './typeorm.js';
import {
  isAssertedTypeScript,
  leaksFromLogical,
  type TypeScriptCheck,
  typeScriptChecks,
} from './typescript-checks.js';
import { type TypeScriptImports, typeScriptImports } from './typescript-imports.js';

export interface TypeScriptOptions {
  /** Why the TypeORM of the project may have no `exists`; null where it has. */
  readonly tooOld: string | null;
}

/** The existence checks of a file of TypeScript that are made by counting. */
export function checkTypeScript(root: SyntaxNode, text: string, { tooOld }: TypeScriptOptions): Finding[] {
  const imports = typeScriptImports(root);
  if (imports.isMigration) return [];
  const names = knownNames(root);
  const propose = (check: TypeScriptCheck): Proposal => {
    if (!check.isAwaited) return { reason: 'the count is not awaited, so a promise is compared' };
    if (isOptional(check.call)) return { reason: 'with `?.` the count may be undefined' };
    const prisma = prismaProposal(check.call, names, text);
    if (prisma || imports.otherOrm !== null) return prisma;
    return typeOrmProposal(check.call, { names, isImported: imports.hasTypeOrm, tooOld });
  };
  const marked = markedLines(root);
  const leaks = leaksFromLogical(root).map((node) => ({
    node,
    reason: 'the count itself may be the value of this `&&` or `||`',
  }));
  return [...typeScriptChecks(root).map((check) => findingOf(check, propose(check), text)), ...leaks].filter(
    (finding) =>
      !isNothing(finding, imports) && !isMarked(finding.node, marked) && !isAssertedTypeScript(finding.node),
  );
}

/** Where nothing is to be done or said: the count is bounded already, or of the elements of a page. */
function isNothing(finding: Finding, { hasPages }: TypeScriptImports): boolean {
  return isRewritten(finding) ? finding.edits.length === 0 : hasPages;
}

function findingOf(check: TypeScriptCheck, proposal: Proposal, text: string): Finding {
  const { node } = check;
  if (!proposal) return { node, reason: 'it is not known to be a query of Prisma or TypeORM' };
  if ('reason' in proposal) return { node, reason: proposal.reason };
  return { node, orm: proposal.orm, edits: editsOf(check, proposal, text) };
}

function editsOf(
  check: TypeScriptCheck,
  { orm, edits }: { orm: Orm; edits: readonly Edit[] },
  text: string,
): Edit[] {
  const { comparison, wanted } = check;
  // A bounded count is still compared as a count.
  if (!comparison || orm === 'Prisma') return [...edits];
  const negates = wanted === 'none';
  const { startOffset, endOffset } = rangeOf(comparison.operand);
  const isBare = !comparison.operand.is('parenthesized_expression');
  const around: Edit[] = [...withoutBound(text, comparison)];
  if (negates) {
    around.push({ startOffset, endOffset: startOffset, text: isBare ? '!(' : '!' });
    if (isBare) around.push({ startOffset: endOffset, endOffset, text: ')' });
  } else if (isNeedless(comparison.operand, text)) {
    around.push({ startOffset, endOffset: startOffset + 1, text: '' });
    around.push({ startOffset: endOffset - 1, endOffset, text: '' });
  }
  return merged([...edits, ...around]);
}

/** Brackets around nothing but the await, which the comparison needed for people only. */
function isNeedless(operand: SyntaxNode, text: string): boolean {
  const inner = unwrapped(operand);
  const { startOffset, endOffset } = rangeOf(operand);
  const { startOffset: innerStart, endOffset: innerEnd } = rangeOf(inner);
  const isTight = innerStart === startOffset + 1 && innerEnd === endOffset - 1;
  return inner.is('await_expression') && isTight && !/[\w$]/.test(text[startOffset - 1] ?? '');
}

/** Edits that touch, in the order of the text, as one: `)` is put in before the comparison is taken away. */
function merged(edits: readonly Edit[]): Edit[] {
  const all: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.startOffset - b.startOffset || a.endOffset - b.endOffset)) {
    const before = all.at(-1);
    if (before && before.endOffset === edit.startOffset)
      all[all.length - 1] = { ...before, endOffset: edit.endOffset, text: before.text + edit.text };
    else all.push(edit);
  }
  return all;
}

/** Whether the chain of the call has a `?.` in it. */
function isOptional(call: SyntaxNode): boolean {
  let node: SyntaxNode | null = call;
  while (
    node &&
    (node.is('call_expression') || node.is('member_expression') || node.is('non_null_expression'))
  ) {
    if (node.children().some((child) => child.is('optional_chain') || child.text() === '?.')) return true;
    node = node.field('function') ?? node.field('object') ?? node.child(0);
  }
  return false;
}
