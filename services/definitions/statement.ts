import type { Statement } from './model.js';
import { type SqlToken, StatementFault, sqlTokens } from './statement-tokens.js';

/** What may stand where a WITH query changes data, and the word that must follow it. */
const CHANGES: Readonly<Record<string, RegExp>> = {
  insert: /^into$/i,
  delete: /^from$/i,
  merge: /^into$/i,
  update: /./,
};

/**
 * Cuts one SELECT at its :name placeholders: those outside of texts, quoted names and comments, and not the colons of casts,
 * slices and structs. A semicolon at the end, and what follows it, is dropped. Throws StatementFault for anything but one
 * SELECT. What the database itself thinks of it is asked later.
 */
export function parseStatement(text: string): Statement {
  const tokens = sqlTokens(text);
  const semicolon = tokens.findIndex((token) => token.kind === 'mark' && token.text === ';');
  const body = semicolon < 0 ? tokens : tokens.slice(0, semicolon);
  refuseSecondStatement(tokens.slice(body.length));
  refuseAnythingButSelect(body, text);
  // Without a last comment, a source may write more behind the text.
  return cut(text.slice(0, body.at(-1)?.endOffset), body);
}

function cut(text: string, tokens: readonly SqlToken[]): Statement {
  const segments: string[] = [];
  const names: string[] = [];
  let from = 0;
  for (const token of tokens) {
    if (token.kind !== 'placeholder') continue;
    segments.push(text.slice(from, token.startOffset));
    names.push(token.text);
    from = token.endOffset;
  }
  segments.push(text.slice(from));
  return { text, segments, names };
}

/** Offsets in Statement.text of its placeholders, in the order of `names`. */
export function placeholderOffsets(statement: Statement): number[] {
  let offset = 0;
  return statement.names.map((name, index) => {
    offset += statement.segments[index]?.length ?? 0;
    const at = offset;
    offset += name.length + 1;
    return at;
  });
}

function refuseSecondStatement(rest: readonly SqlToken[]): void {
  const second = rest.find((token) => token.text !== ';' || token.kind !== 'mark');
  if (second)
    throw new StatementFault('a second statement begins here: a query is one SELECT', {
      ...at(second),
      hint: 'give the panel several `queries`, or write one statement',
    });
}

function refuseAnythingButSelect(tokens: readonly SqlToken[], text: string): void {
  const first = tokens.find((token) => token.text !== '(');
  if (!first)
    throw new StatementFault('the query is empty', { offset: 0, lengthCount: Math.min(1, text.length) });
  const word = first.kind === 'word' ? first.text.toUpperCase() : '';
  if (word !== 'SELECT' && word !== 'WITH')
    throw new StatementFault(`a query must be a SELECT, this begins with ${first.text}`, {
      ...at(first),
      hint: 'begin with SELECT or WITH',
    });
  for (const [index, token] of tokens.entries()) {
    const change = changeAt(tokens, index, token);
    if (change !== null)
      throw new StatementFault(change, {
        ...at(token),
        hint: 'queries only read: the database is never changed',
      });
  }
}

function changeAt(tokens: readonly SqlToken[], index: number, token: SqlToken): string | null {
  if (token.kind !== 'word') return null;
  const word = token.text.toLowerCase();
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (word === 'into' && !isNamePart(before)) return 'SELECT ... INTO makes a table';
  const follow = Object.hasOwn(CHANGES, word) ? CHANGES[word] : undefined;
  const begins = before?.kind === 'mark' && (before.text === '(' || before.text === ')');
  const goesOn = after !== undefined && (after.kind === 'word' || after.kind === 'quoted');
  return begins && goesOn && follow?.test(after.text)
    ? `a query must be a SELECT, this has ${token.text.toUpperCase()}`
    : null;
}

/** `t.into` and `AS into` are names. */
function isNamePart(before: SqlToken | undefined): boolean {
  return before !== undefined && (before.text === '.' || before.text.toLowerCase() === 'as');
}

function at(token: SqlToken): { offset: number; lengthCount: number } {
  return { offset: token.startOffset, lengthCount: token.endOffset - token.startOffset };
}
