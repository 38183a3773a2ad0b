import { applyEdits, type Edit, inPlace } from './edit.js';
import { type Finding, isRewritten, type Orm } from './finding.js';
import { checkPython } from './python/check-python.js';
import type { Language, Syntax, SyntaxNode } from './syntax.js';
import { checkTypeScript, type TypeScriptOptions } from './typescript/check-typescript.js';

/** A place in a file, as editors count: from 1, columns in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What was done with one existence check that is made by counting. */
export interface Rewrite extends TextPlace {
  readonly orm: Orm;
}

export interface Left extends TextPlace {
  readonly reason: string;
}

/** What became of a text. */
export interface OptimizedText {
  readonly output: string;
  readonly edits: readonly Edit[];
  readonly rewrites: readonly Rewrite[];
  /** The checks that were left as they are. */
  readonly left: readonly Left[];
}

/** A text that is not its language, before or after. */
export class Unparsable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unparsable';
  }
}

/** Rewrites the checks of one text; outside of the edits every unit stays. Throws Unparsable, and then nothing is to be written. */
export function optimizeText(
  text: string,
  options: TypeScriptOptions & { readonly syntax: Syntax; readonly language: Language },
): OptimizedText {
  const findings = findingsOf(text, options, 'it does not parse');
  const rewritten = findings.filter(isRewritten);
  const edits = inPlace(rewritten.flatMap((finding) => finding.edits));
  const output = applyEdits(text, edits);
  if (edits.length > 0) {
    const again = findingsOf(output, options, 'what was made of it does not parse: please report this');
    if (again.some(isRewritten))
      throw new Unparsable('what was made of it would be rewritten again: please report this');
  }
  return {
    output,
    edits,
    rewrites: rewritten.map(({ node, orm }) => ({ ...placeOf(node), orm })),
    left: findings.flatMap((finding) =>
      isRewritten(finding) ? [] : { ...placeOf(finding.node), reason: finding.reason },
    ),
  };
}

function findingsOf(
  text: string,
  { syntax, language, tooOld }: TypeScriptOptions & { readonly syntax: Syntax; readonly language: Language },
  otherwise: string,
): Finding[] {
  const root = syntax.parse(language, text);
  if (!root) throw new Unparsable(otherwise);
  // Most files count nothing.
  if (!/count/i.test(text)) return [];
  const findings = language === 'python' ? checkPython(root, text) : checkTypeScript(root, text, { tooOld });
  return findings.toSorted((a, b) => a.node.range().start.index - b.node.range().start.index);
}

function placeOf(node: SyntaxNode): TextPlace {
  const { line, column } = node.range().start;
  return { line: line + 1, column: column + 1 };
}
