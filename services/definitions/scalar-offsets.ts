import type { Scalar } from 'yaml';
import { quotedOffsets } from './quoted-offsets.js';

/** What the scalar looks like in its file: `text` from `startOffset` to `endOffset`. */
export interface ScalarSource {
  readonly text: string;
  readonly startOffset: number;
  readonly endOffset: number;
}

/**
 * For each UTF-16 unit of a scalar's value, its offset in the file; one more for the end. Indentation, folded lines and
 * quotes are skipped. Inside a run of white space the offset is only near, on everything else it is exact.
 */
export function scalarOffsets(value: string, type: Scalar.Type | undefined, source: ScalarSource): number[] {
  if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE')
    return quotedOffsets(source, type === 'QUOTE_DOUBLE');
  const reader = new ScalarReader(source);
  reader.skipOpening(type);
  const offsets: number[] = [];
  for (const char of value.split('')) {
    if (!isSpace(char)) reader.skipSpaces();
    offsets.push(reader.offset);
    if (reader.current === char) reader.offset++;
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

  /** The header line of a block (`|-  # comment`). */
  skipOpening(type: Scalar.Type | undefined): void {
    if (type !== 'BLOCK_LITERAL' && type !== 'BLOCK_FOLDED') return;
    const lineEnd = this.#source.text.indexOf('\n', this.offset);
    this.offset = lineEnd < 0 ? this.#source.endOffset : lineEnd + 1;
  }

  /** White space that the value has none of here. */
  skipSpaces(): void {
    while (this.current !== '' && isSpace(this.current)) this.offset++;
  }
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
