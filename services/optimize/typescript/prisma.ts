import type { Edit } from '../edit.js';
import { operandsOf, unwrapped } from '../existence.js';
import type { Proposal } from '../finding.js';
import type { SyntaxNode } from '../syntax.js';
import { isPrismaName, type KnownNames } from './known-names.js';
import { keysOf, onlyArgument } from './object-literal.js';

const TAKE = 'take: 1';

/** Bounds the count by `take: 1`: the same operation, so also the same for extensions, and no key of the model must be known. */
export function prismaProposal(call: SyntaxNode, names: KnownNames, text: string): Proposal {
  const receiver = call.field('function')?.field('object');
  if (call.field('function')?.field('property')?.text() !== 'count' || !receiver) return null;
  const model = unwrapped(receiver);
  const client = model.is('member_expression') ? model.field('object') : null;
  if (!client || !(isPrismaName(client) || names.kindOf(client) === 'prisma')) return null;
  const argument = onlyArgument(call);
  if (argument === 'none')
    return { orm: 'Prisma', edits: [intoEmpty(call.field('arguments'), `{ ${TAKE} }`)] };
  const keys = argument && keysOf(argument);
  if (!keys) return { reason: 'what it is given is not written out here, so it may take or select already' };
  // Bounded already: nothing is to be done.
  if (keys.has('take')) return { orm: 'Prisma', edits: [] };
  if (keys.has('select')) return { reason: 'a count that selects gives an object' };
  return {
    orm: 'Prisma',
    edits: [keys.size === 0 ? intoEmpty(argument, `{ ${TAKE} }`) : afterLast(argument, text)],
  };
}

/** In the place of brackets without anything in between: those of the call stay. */
function intoEmpty(brackets: SyntaxNode | null, text: string): Edit {
  const { start, end } = brackets?.range() ?? { start: { index: 0 }, end: { index: 0 } };
  const isCall = brackets?.is('arguments');
  return isCall
    ? { startOffset: end.index - 1, endOffset: end.index - 1, text }
    : { startOffset: start.index, endOffset: end.index, text };
}

/** One property more, on a line of its own where the others have theirs. */
function afterLast(object: SyntaxNode, text: string): Edit {
  const properties = operandsOf(object);
  const last = properties.at(-1);
  if (!last) return intoEmpty(object, `{ ${TAKE} }`);
  const { end, start } = last.range();
  const lineStart = text.lastIndexOf('\n', start.index - 1) + 1;
  const indent = text.slice(lineStart, start.index);
  const hasOwnLine = lineStart > object.range().start.index && /^[ \t]*$/.test(indent);
  const lineEnd = text[lineStart - 2] === '\r' ? '\r\n' : '\n';
  return {
    startOffset: end.index,
    endOffset: end.index,
    text: hasOwnLine ? `,${lineEnd}${indent}${TAKE}` : `, ${TAKE}`,
  };
}
