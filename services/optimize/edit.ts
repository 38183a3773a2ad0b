/** What takes the place of a part of a text; offsets in UTF-16 units. */
export interface Edit {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly text: string;
}

/** The text with every edit made, and each unit outside of them as it was. Edits must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let offset = 0;
  for (const edit of inPlace(edits)) {
    if (edit.startOffset < offset) throw new Error(`Two edits meet at offset ${edit.startOffset}`);
    parts.push(text.slice(offset, edit.startOffset), edit.text);
    offset = edit.endOffset;
  }
  return parts.join('') + text.slice(offset);
}

/** From the start of the text to its end. */
export function inPlace(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.startOffset - b.startOffset || a.endOffset - b.endOffset);
}
