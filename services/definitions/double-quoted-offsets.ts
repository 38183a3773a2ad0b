import type { ScalarSource } from './scalar-offsets.js';

/** Digits of the escapes that name a character by its number. */
const NUMBERED_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const ESCAPED_BREAK = /\\\r?\n[ \t]*/y;
const FOLD = /[ \t]*((?:\r?\n[ \t]*)+)/y;

/**
 * For each UTF-16 unit that a double-quoted scalar stands for, its offset in the file; one more for the end. Follows YAML 1.2
 * section 7.3.1: escapes, escaped line breaks, and folding, where one break is a space and each further one a line feed.
 */
export function doubleQuotedOffsets({ text, startOffset, endOffset }: ScalarSource): number[] {
  const offsets: number[] = [];
  let offset = startOffset + 1;
  const lastOffset = endOffset - 1;
  while (offset < lastOffset) {
    const continued = lengthAt(ESCAPED_BREAK, text, offset);
    if (continued) {
      offset += continued.length;
      continue;
    }
    const fold = lengthAt(FOLD, text, offset);
    if (fold) {
      const breaksCount = fold.breaks.split('\n').length - 1;
      for (let i = 0; i < Math.max(1, breaksCount - 1); i++) offsets.push(offset);
      offset += fold.length;
      continue;
    }
    const { length, unitsCount } = characterAt(text, offset);
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

function characterAt(text: string, offset: number): { length: number; unitsCount: number } {
  if (text[offset] !== '\\') return { length: 1, unitsCount: 1 };
  const digitsCount = NUMBERED_ESCAPES[text[offset + 1] ?? ''] ?? 0;
  const codePoint = Number.parseInt(text.slice(offset + 2, offset + 2 + digitsCount) || '0', 16);
  return { length: 2 + digitsCount, unitsCount: codePoint > 0xffff ? 2 : 1 };
}
