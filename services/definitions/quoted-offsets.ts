import type { ScalarSource } from './scalar-offsets.js';

/** Digits of the escapes that name a character by its number. */
const NUMBERED_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const ESCAPED_BREAK = /\\\r?\n[ \t]*/y;
const FOLD = /[ \t]*((?:\r?\n[ \t]*)+)/y;

/**
 * For each UTF-16 unit that a quoted scalar stands for, its offset in the file; one more for the end. Follows YAML 1.2
 * section 7.3: folding, where one line break is a space and each further one a line feed; between double quotes escapes and
 * escaped line breaks, between single ones the doubled quote.
 */
export function quotedOffsets({ text, startOffset, endOffset }: ScalarSource, isDouble: boolean): number[] {
  const offsets: number[] = [];
  let offset = startOffset + 1;
  const lastOffset = endOffset - 1;
  while (offset < lastOffset) {
    const continued = isDouble ? lengthAt(ESCAPED_BREAK, text, offset) : null;
    const fold = continued ? null : lengthAt(FOLD, text, offset);
    const { length, unitsCount } = continued
      ? { length: continued.length, unitsCount: 0 }
      : fold
        ? { length: fold.length, unitsCount: Math.max(1, fold.breaks.split('\n').length - 2) }
        : isDouble
          ? escapedCharacterAt(text, offset)
          : { length: text.startsWith("''", offset) ? 2 : 1, unitsCount: 1 };
    for (let i = 0; i < unitsCount; i++) offsets.push(offset);
    offset += length;
  }
  offsets.push(lastOffset);
  return offsets;
}

function lengthAt(pattern: RegExp, text: string, offset: number): { length: number; breaks: string } | null {
  pattern.lastIndex = offset;
  const match = pattern.exec(text);
  return match && { length: match[0].length, breaks: match[1] ?? '' };
}

function escapedCharacterAt(text: string, offset: number): { length: number; unitsCount: number } {
  if (text[offset] !== '\\') return { length: 1, unitsCount: 1 };
  const digitsCount = NUMBERED_ESCAPES[text[offset + 1] ?? ''] ?? 0;
  const codePoint = Number.parseInt(text.slice(offset + 2, offset + 2 + digitsCount) || '0', 16);
  return { length: 2 + digitsCount, unitsCount: codePoint > 0xffff ? 2 : 1 };
}
