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
    if (type === 'QUOTE_DOUBLE') reader.skipLineContinuations();
    const escapeLength = type === 'QUOTE_DOUBLE' ? reader.escapeLength() : 0;
    if (escapeLength > 0) {
      const unitCount = reader.isAstralEscape() ? 2 : 1;
      for (let unit = 0; unit < unitCount; unit++) offsets.push(reader.offset);
      reader.offset += escapeLength;
      index += unitCount;
      continue;
    }
    if (!isSpace(char)) reader.skipSpaces();
    offsets.push(reader.offset);
    if (reader.current === char) reader.offset += type === 'QUOTE_SINGLE' && char === "'" ? 2 : 1;
    index++;
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

  skipSpaces(): void {
    while (this.current !== '' && isSpace(this.current)) this.offset++;
  }

  /** A backslash at the end of a line joins it with the next one and gives no character. */
  skipLineContinuations(): void {
    for (;;) {
      const match = /^\s*\\\r?\n[ \t]*/.exec(this.#source.text.slice(this.offset, this.#source.endOffset));
      if (!match) return;
      const lead = match[0].indexOf('\\');
      // White space before the backslash belongs to the value: it is read first.
      if (lead > 0) return;
      this.offset += match[0].length;
    }
  }

  escapeLength(): number {
    if (this.current !== '\\') return 0;
    return LONG_ESCAPES[this.#source.text[this.offset + 1] ?? ''] ?? 2;
  }

  isAstralEscape(): boolean {
    const { text } = this.#source;
    return text[this.offset + 1] === 'U' && !/^0000/.test(text.slice(this.offset + 2, this.offset + 6));
  }
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
