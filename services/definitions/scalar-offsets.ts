import type { Scalar } from 'yaml';

/** Length in the file of the escapes of a double-quoted scalar, backslash included, where it is not 2. */
const LONG_ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** What the scalar looks like in its file: `text` from `startOffset` to `endOffset`. */
export interface ScalarSource {
  readonly text: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/**
 * For each UTF-16 unit of a scalar's value, its offset in the file; one more for the end. Indentation, folded lines, quotes and
 * escapes are skipped. Inside a run of white space the offset is only near, on everything else it is exact.
 */
export function scalarOffsets(value: string, type: Scalar.Type | undefined, source: ScalarSource): number[] {
  const reader = new ScalarReader(source);
  reader.skipOpening(type);
  const offsets: number[] = [];
  for (let index = 0; index < value.length; ) {
    const char = value[index] ?? '';
    if (!isSpace(char)) reader.skipSpaces(type);
    else if (type === 'QUOTE_DOUBLE') reader.skipLineContinuations();
    const escapeLength = type === 'QUOTE_DOUBLE' ? reader.escapeLength(char) : 0;
    const unitCount = escapeLength > 0 && reader.isAstralEscape() ? 2 : 1;
    for (let unit = 0; unit < unitCount; unit++) offsets.push(reader.offset);
    if (escapeLength > 0) reader.offset += escapeLength;
    else if (reader.current === char) reader.offset += type === 'QUOTE_SINGLE' && char === "'" ? 2 : 1;
    index += unitCount;
  }
  offsets.push(Math.min(reader.offset, source.endOffset));
  return offsets;
}

class ScalarReader {
  offset: number;
  readonly #source: ScalarSource;

  constructor(source: ScalarSource) {
    this.#source = source;
    this.offset = source.startOffset;
  }

  get current(): string {
    return this.offset < this.#source.endOffset ? (this.#source.text[this.offset] ?? '') : '';
  }

  /** The opening quote, or the header line of a block (`|-  # comment`). */
  skipOpening(type: Scalar.Type | undefined): void {
    if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') this.offset++;
    if (type !== 'BLOCK_LITERAL' && type !== 'BLOCK_FOLDED') return;
    const lineEnd = this.#source.text.indexOf('\n', this.offset);
    this.offset = lineEnd < 0 ? this.#source.endOffset : lineEnd + 1;
  }

  /** White space, escaped or not, that the value has none of here. */
  skipSpaces(type: Scalar.Type | undefined): void {
    for (;;) {
      if (this.current !== '' && isSpace(this.current)) this.offset++;
      else if (type === 'QUOTE_DOUBLE' && this.#isEscapedSpace()) this.offset += 2;
      else return;
    }
  }

  /** A backslash at the end of a line joins it with the next one and gives no character. */
  skipLineContinuations(): void {
    const rest = this.#source.text.slice(this.offset, this.#source.endOffset);
    this.offset += /^(?:\\\r?\n[ \t]*)*/.exec(rest)?.[0].length ?? 0;
  }

  /** Length of the escape that gives this character here; 0 when there is none. */
  escapeLength(char: string): number {
    if (this.current !== '\\' || (isSpace(char) && !this.#isEscapedSpace())) return 0;
    return LONG_ESCAPES[this.#next] ?? 2;
  }

  get #next(): string {
    return this.#source.text[this.offset + 1] ?? '';
  }

  #isEscapedSpace(): boolean {
    return this.current === '\\' && /^[ \tntr\r\n]$/.test(this.#next);
  }

  isAstralEscape(): boolean {
    const { text } = this.#source;
    return text[this.offset + 1] === 'U' && !/^0000/.test(text.slice(this.offset + 2, this.offset + 6));
  }
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
