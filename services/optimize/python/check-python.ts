import type { Edit } from '../edit.js';
import { type ExistenceCheck, rangeOf, withoutBound } from '../existence.js';
import type { Finding, Proposal } from '../finding.js';
import { isMarked, markedLines } from '../marked-lines.js';
import type { SyntaxNode } from '../syntax.js';
import { djangoReceiver, doubtOf } from './django.js';
import { isAssertedPython, leaksFromBoolean, pythonChecks, selectedCounts } from './python-checks.js';
import { type PythonImports, pythonImports } from './python-imports.js';
import { sqlAlchemyQuery } from './sqlalchemy.js';

/** The existence checks of a file of Python that are made by counting. */
export function checkPython(root: SyntaxNode, text: string): Finding[] {
  const imports = pythonImports(root);
  if (imports.isMigration) return [];
  const marked = markedLines(root);
  const left = [
    ...leaksFromBoolean(root).map((node) => ({
      node,
      reason: 'the count itself may be the value of this `and` or `or`',
    })),
    ...selectedCounts(root).map((node) => ({
      node,
      reason: 'a count that is selected has no counterpart: select(exists().where(...)) by hand',
    })),
  ];
  return [...pythonChecks(root).map((check) => findingOf(check, imports, text)), ...left].filter(
    ({ node }) => !isMarked(node, marked) && !isAssertedPython(node),
  );
}

function findingOf(check: ExistenceCheck, imports: PythonImports, text: string): Finding {
  const { node } = check;
  const proposal = proposalFor(check, imports, text);
  if (proposal && 'edits' in proposal) return { node, ...proposal };
  return { node, reason: proposal?.reason ?? 'it is not known to be a query of Django or SQLAlchemy' };
}

function proposalFor(check: ExistenceCheck, imports: PythonImports, text: string): Proposal {
  const callee = check.call.field('function');
  const receiver = callee?.field('object');
  const name = callee?.field('attribute');
  if (!receiver || !name) return null;
  if (name.text() !== 'count' || check.call.ancestors().find(isNoBracket)?.is('await'))
    return { reason: 'only counts that are not awaited are rewritten' };
  if (isWrittenOut(check.node)) return { reason: 'the f-string shows the text of the check itself' };
  const django = djangoReceiver(receiver);
  if (django) {
    if (imports.otherOrm !== null)
      return { reason: `the file imports ${imports.otherOrm}, so this may be no query of Django` };
    const reason = doubtOf(django);
    if (reason !== null) return { reason };
    return { orm: 'Django', edits: editsOf(check, text, { name, before: '', after: 'exists' }) };
  }
  const query = sqlAlchemyQuery(receiver, imports);
  if (!query || 'reason' in query) return query;
  const end = check.call.range().end.index;
  const before = `${query.session}.query(`;
  const edits = editsOf(check, text, { name, before, after: 'exists' });
  return { orm: 'SQLAlchemy', edits: [...withAfter(edits, end, ').scalar()')] };
}

function isNoBracket(node: SyntaxNode): boolean {
  return !node.is('parenthesized_expression');
}

/** `f"{x.count() > 0=}"` shows what stands before the `=`. */
function isWrittenOut(node: SyntaxNode): boolean {
  const shown = node.ancestors().find((ancestor) => ancestor.is('interpolation'));
  return shown?.children().some((child) => child.text() === '=') === true;
}

function editsOf(
  { call, node, wanted, comparison }: ExistenceCheck,
  text: string,
  { name, before, after }: { name: SyntaxNode; before: string; after: string },
): Edit[] {
  const edits: Edit[] = [{ ...rangeOf(name), text: after }];
  const { startOffset } = rangeOf(call);
  if (before !== '') edits.push({ startOffset, endOffset: startOffset, text: before });
  if (comparison) edits.push(...withoutBound(text, comparison));
  if (wanted === 'none') edits.push(insertion(rangeOf(node).startOffset, 'not '));
  return joined(edits);
}

function insertion(offset: number, text: string): Edit {
  return { startOffset: offset, endOffset: offset, text };
}

/** What is put in at one offset, and taken away from there, is one edit: `not ` stands before all else. */
function joined(edits: readonly Edit[]): Edit[] {
  const byStart = new Map<number, Edit>();
  const order = edits.toSorted((a, b) => Number(b.text === 'not ') - Number(a.text === 'not '));
  for (const edit of order) {
    const other = byStart.get(edit.startOffset);
    byStart.set(edit.startOffset, {
      startOffset: edit.startOffset,
      endOffset: Math.max(edit.endOffset, other?.endOffset ?? 0),
      text: (other?.text ?? '') + edit.text,
    });
  }
  return [...byStart.values()];
}

/** With a text more right after the call, where the comparison may begin to be taken away. */
function withAfter(edits: readonly Edit[], offset: number, text: string): Edit[] {
  return edits.some(({ startOffset }) => startOffset === offset)
    ? edits.map((edit) => (edit.startOffset === offset ? { ...edit, text: text + edit.text } : edit))
    : [...edits, insertion(offset, text)];
}
