/** A piece of SQL as far as placeholders and safety need it; white space and comments give no token. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'placeholder' | 'mark';
  /** As written; of a placeholder the name without its colon. */
  readonly text: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** What is wrong with a statement; `offset` in UTF-16 units of its text. */
export class StatementFault extends Error {
  readonly offset: number;
  readonly lengthCount: number;
  readonly hint: string | undefined;

  constructor(message: string, at: { offset: number; lengthCount: number; hint?: string }) {
    super(message);
    this.name = 'StatementFault';
    this.offset = at.offset;
    this.lengthCount = at.lengthCount;
    this.hint = at.hint;
  }
}

const SPACE = /[\s\uFEFF]+/y;
const LINE_COMMENT = /--[^\r\n]*/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const NUMBER = /(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?/y;
/** A name has a letter: `[1:2]` is a slice, never a placeholder. */
const PLACEHOLDER = /:(?=[\p{N}_]*[\p{L}])[\p{L}\p{M}\p{N}_]+/uy;
const UNDERSCORED_PLACEHOLDER = /:_[\p{N}_]*/uy;
const DOLLAR_QUOTE = /\$(?:[\p{L}_][\p{L}\p{M}\p{N}_]*)?\$/uy;
const DOLLAR_PARAMETER = /\$(?:[0-9]+|[\p{L}_][\p{L}\p{N}_]*)/uy;

/** Cuts SQL into tokens. Throws StatementFault where a text or comment never ends, or a parameter is written in another way. */
export function sqlTokens(sql: string): SqlToken[] {
  const lexer = new SqlLexer(sql);
  while (lexer.offset < sql.length) lexer.step();
  return lexer.tokens;
}

class SqlLexer {
  readonly tokens: SqlToken[] = [];
  offset = 0;
  readonly #sql: string;
  /** Open brackets and braces: inside them a colon may belong to a slice or a struct. */
  #openBrackets = 0;

  constructor(sql: string) {
    this.#sql = sql;
  }

  /** Reads one token, or skips one run of white space or one comment. */
  step(): void {
    const char = this.#sql[this.offset] ?? '';
    const skipped = this.#match(SPACE) ?? this.#match(LINE_COMMENT);
    if (skipped !== null) this.offset += skipped.length;
    else if (this.#sql.startsWith('/*', this.offset)) this.offset = blockCommentEnd(this.#sql, this.offset);
    else if (char === "'") this.#pushUntil('text', quotedEnd(this.#sql, this.offset, this.#isEscapeText()));
    else if (char === '"') this.#pushUntil('quoted', quotedEnd(this.#sql, this.offset, false));
    else if (char === '$') this.#pushUntil('text', this.#dollarEnd());
    else if (char === ':') this.#pushColon();
    else this.#pushPlain(char);
  }

  #pushPlain(char: string): void {
    const word = this.#match(WORD);
    const number = word === null ? this.#match(NUMBER) : null;
    if (word !== null) this.#push('word', word.length);
    else if (number !== null) this.#push('number', number.length);
    else {
      if (char === '[' || char === '{') this.#openBrackets++;
      if (char === ']' || char === '}') this.#openBrackets = Math.max(0, this.#openBrackets - 1);
      this.#push('mark', 1);
    }
  }

  #pushColon(): void {
    const placeholder = this.#match(PLACEHOLDER) ?? this.#match(UNDERSCORED_PLACEHOLDER);
    if (this.#sql.startsWith('::', this.offset)) this.#push('mark', 2);
    else if (placeholder === null || (this.#openBrackets > 0 && this.#followsValue())) this.#push('mark', 1);
    else this.#push('placeholder', placeholder.length);
  }

  /** `a[low:high]` and `{'key':value}`: a colon right behind a value belongs to it. */
  #followsValue(): boolean {
    const last = this.tokens.at(-1);
    if (last?.endOffset !== this.offset) return false;
    return last.kind !== 'mark' || last.text === ')' || last.text === ']';
  }

  /** E'...' reads backslashes, a plain '...' does not. */
  #isEscapeText(): boolean {
    const last = this.tokens.at(-1);
    return last?.endOffset === this.offset && last.kind === 'word' && /^e$/i.test(last.text);
  }

  #dollarEnd(): number {
    return dollarEnd(this.#sql, this.offset, {
      quote: this.#match(DOLLAR_QUOTE),
      parameter: this.#match(DOLLAR_PARAMETER),
    });
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.offset;
    return pattern.exec(this.#sql)?.[0] ?? null;
  }

  #push(kind: SqlToken['kind'], lengthCount: number): void {
    this.#pushUntil(kind, this.offset + lengthCount);
  }

  #pushUntil(kind: SqlToken['kind'], endOffset: number): void {
    const startOffset = this.offset;
    const text = this.#sql.slice(kind === 'placeholder' ? startOffset + 1 : startOffset, endOffset);
    this.tokens.push({ kind, text, startOffset, endOffset });
    this.offset = endOffset;
  }
}

function quotedEnd(sql: string, start: number, backslash: boolean): number {
  const quote = sql[start] ?? '';
  for (let offset = start + 1; offset < sql.length; offset++) {
    if (backslash && sql[offset] === '\\') offset++;
    else if (sql[offset] === quote) {
      if (sql[offset + 1] !== quote) return offset + 1;
      offset++;
    }
  }
  const what = quote === "'" ? 'text' : 'quoted name';
  throw new StatementFault(`this ${what} never ends`, {
    offset: start,
    lengthCount: 1,
    hint: `close it with ${quote}`,
  });
}

/** Comments nest, as in PostgreSQL and DuckDB. */
function blockCommentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let offset = start; offset < sql.length; ) {
    if (sql.startsWith('/*', offset)) depth++;
    else if (sql.startsWith('*/', offset)) depth--;
    else {
      offset++;
      continue;
    }
    offset += 2;
    if (depth === 0) return offset;
  }
  throw new StatementFault('this comment never ends', {
    offset: start,
    lengthCount: 2,
    hint: 'close it with */',
  });
}

/** $tag$...$tag$ is a text; ${NAME}, $1 and $name are refused, and a lone $ is left to the database. */
function dollarEnd(
  sql: string,
  start: number,
  { quote, parameter }: { quote: string | null; parameter: string | null },
): number {
  if (quote !== null) {
    const end = sql.indexOf(quote, start + quote.length);
    if (end >= 0) return end + quote.length;
    throw new StatementFault('this text never ends', {
      offset: start,
      lengthCount: quote.length,
      hint: `close it with ${quote}`,
    });
  }
  const variable = /^\$\{([A-Za-z0-9_]*)\}/.exec(sql.slice(start, start + 100));
  if (variable)
    throw new StatementFault(`${variable[0]} is not filled in inside SQL: values are only ever bound`, {
      offset: start,
      lengthCount: variable[0].length,
      hint: 'declare a parameter and bind it as :name',
    });
  if (parameter !== null)
    throw new StatementFault(`${parameter} is not how parameters are written here`, {
      offset: start,
      lengthCount: parameter.length,
      hint: 'bind a parameter as :name',
    });
  return start + 1;
}
