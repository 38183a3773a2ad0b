import { type SqlToken, sqlTokens } from '../../definitions/statement-tokens.js';

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
/** What a count is compared with when only whether there is any is asked. */
const EXISTENCE: ReadonlySet<string> = new Set(['> 0', '>= 1', '<> 0', '!= 0', '= 0', '< 1']);

/** The places where rows are counted only to know whether there is one: each as it is written, e.g. `count(*) > 0`. */
export function existenceByCount(sql: string): string[] {
  const tokens = sqlTokens(sql);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || token.text.toLowerCase() !== 'count') return [];
    const call = callOf(tokens, index);
    const counted = call && wholeSubquery(tokens, call);
    return counted && isExistence(tokens, counted) ? [textOf(sql, tokens, counted)] : [];
  });
}

/** From one token to another, both included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** `count(*)` or `count(1)`, which counts rows. */
function callOf(tokens: readonly SqlToken[], index: number): Span | null {
  const [open, argument, close] = [tokens[index + 1], tokens[index + 2], tokens[index + 3]];
  const isRows = argument?.text === '*' || argument?.kind === 'number';
  return open?.text === '(' && isRows && close?.text === ')' ? { from: index, to: index + 3 } : null;
}

/** Of `(SELECT count(*) FROM ...)` all of it, where nothing else is selected; else the call. */
function wholeSubquery(tokens: readonly SqlToken[], call: Span): Span {
  const isSelected = tokens[call.from - 1]?.text.toLowerCase() === 'select';
  if (!isSelected || tokens[call.from - 2]?.text !== '(') return call;
  const from = call.from - 2;
  const to = closeOf(tokens, from);
  const inside = tokens.slice(call.to + 1, to ?? 0);
  const isAlone = inside[0]?.text.toLowerCase() === 'from' && !hasOwn(inside, /^(group|having)$/i);
  return to !== null && isAlone ? { from, to } : call;
}

function closeOf(tokens: readonly SqlToken[], open: number): number | null {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]?.text === '(') depth++;
    if (tokens[i]?.text === ')' && --depth === 0) return i;
  }
  return null;
}

function hasOwn(tokens: readonly SqlToken[], word: RegExp): boolean {
  return tokens.some(({ kind, text }) => kind === 'word' && word.test(text));
}

function isExistence(tokens: readonly SqlToken[], { from, to }: Span): boolean {
  const after = comparison(tokens, to + 1);
  if (after && EXISTENCE.has(after)) return true;
  const before = comparisonBefore(tokens, from - 1);
  return before !== null && EXISTENCE.has(before);
}

/** Operator and number from this token on; an operator may be cut into two marks. */
function comparison(tokens: readonly SqlToken[], at: number): string | null {
  const two = `${tokens[at]?.text}${tokens[at + 1]?.text}`;
  const isTwo = ['>=', '<=', '<>', '!='].includes(two);
  const number = tokens[at + (isTwo ? 2 : 1)];
  return number?.kind === 'number' ? `${isTwo ? two : tokens[at]?.text} ${number.text}` : null;
}

/** The same before this token, turned round: `0 < count(*)`. */
function comparisonBefore(tokens: readonly SqlToken[], at: number): string | null {
  const two = `${tokens[at - 1]?.text}${tokens[at]?.text}`;
  const isTwo = ['>=', '<=', '<>', '!='].includes(two);
  const operator = isTwo ? two : (tokens[at]?.text ?? '');
  const number = tokens[at - (isTwo ? 2 : 1)];
  return number?.kind === 'number' ? `${MIRRORED[operator] ?? operator} ${number.text}` : null;
}

function textOf(sql: string, tokens: readonly SqlToken[], { from, to }: Span): string {
  const text = sql.slice(tokens[from]?.startOffset, tokens[to]?.endOffset).replace(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
