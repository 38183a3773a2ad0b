import type { SyntaxNode } from './syntax.js';

const MARK = /(?:#|\/\/|\/\*)\s*OK\b/;

/** The lines (from 0) that a person has marked `# OK`, or `// OK`: what they count stays. */
export function markedLines(root: SyntaxNode): ReadonlySet<number> {
  const comments = root.findAll({ rule: { kind: 'comment', regex: '\\bOK\\b' } });
  return new Set(
    comments
      .filter((comment) => MARK.test(comment.text()))
      .flatMap((comment) => [comment.range().start.line, comment.range().end.line]),
  );
}

/** Whether one of the lines of a node is marked. */
export function isMarked(node: SyntaxNode, lines: ReadonlySet<number>): boolean {
  const { start, end } = node.range();
  for (let line = start.line; line <= end.line; line++) if (lines.has(line)) return true;
  return false;
}
