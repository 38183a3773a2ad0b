import type { SgNode } from '@ast-grep/napi';
import { withoutGrammarGaps, withoutTypeArguments } from './grammar-gaps.js';

export type SyntaxNode = SgNode;
export type Language = 'python' | 'typescript' | 'tsx';

/** What a text is in its language. */
export interface Syntax {
  /** The tree of the text; null where the text is not the language. A byte order mark is outside of the tree. */
  parse(language: Language, text: string): SyntaxNode | null;
}

/** The packages that parse are not installed: they are optional. */
export class ParserMissing extends Error {
  constructor(cause: unknown) {
    super('Parsing needs two packages more: npm install @ast-grep/napi @ast-grep/lang-python', { cause });
    this.name = 'ParserMissing';
  }
}

let loading: Promise<Syntax> | undefined;

/** Rejects with ParserMissing where the optional packages are absent. */
export function loadSyntax(): Promise<Syntax> {
  // A language may be registered once in a process.
  loading ??= loadParsers();
  return loading;
}

async function loadParsers(): Promise<Syntax> {
  try {
    const { Lang, parse, registerDynamicLanguage } = await import('@ast-grep/napi');
    const { default: python } = await import('@ast-grep/lang-python');
    registerDynamicLanguage({ python });
    const names = { python: 'python', typescript: Lang.TypeScript, tsx: Lang.Tsx };
    return {
      parse(language, text) {
        const plain = language === 'python' ? text : withoutTypeArguments(text);
        for (const tried of new Set([plain, withoutGrammarGaps(language, plain)])) {
          const root = parse(names[language], tried).root();
          if (isWhole(root)) return language === 'python' && isPython2(root) ? null : root;
        }
        return null;
      },
    };
  } catch (error) {
    throw new ParserMissing(error);
  }
}

/** The parser goes on after an error: it marks what it skipped, and what it thought of itself is empty. */
function isWhole(root: SyntaxNode): boolean {
  if (root.kind() === 'ERROR' || root.find({ rule: { kind: 'ERROR' } })) return false;
  return !root
    .findAll({ rule: { regex: '^$' } })
    .some((node) => node.isLeaf() && node.parent() !== null && !isTypedTemplate(node));
}

/** The grammar takes statements of Python 2 as well. */
function isPython2(root: SyntaxNode): boolean {
  return root.find({ rule: { any: [{ kind: 'print_statement' }, { kind: 'exec_statement' }] } }) !== null;
}

/** The grammar takes the tag of "sql<Row>`...`" for `sql<Row>!` with its mark forgotten. */
function isTypedTemplate(mark: SyntaxNode): boolean {
  const parent = mark.parent();
  return parent?.is('non_null_expression') === true && parent.next()?.is('template_string') === true;
}
