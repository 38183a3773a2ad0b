import type { Place } from './model.js';

/** One mistake in the definitions. */
export interface DefinitionFault {
  readonly place: Place;
  /** What is wrong, in one line. */
  readonly message: string;
  /** What was probably meant, or what to do. */
  readonly hint?: string;
  /** The line of the file, and how many of its characters are at fault. */
  readonly excerpt?: { readonly line: string; readonly widthCount: number };
}

/** Lines longer than this are cut around the fault. */
const SHOWN_LINE_COUNT = 120;

/** Every mistake of every file at once; the message reads like a compiler's. */
export class DefinitionFaults extends Error {
  readonly faults: readonly DefinitionFault[];

  constructor(faults: readonly DefinitionFault[]) {
    const sorted = inOrder(faults);
    super(renderFaults(sorted));
    this.name = 'DefinitionFaults';
    this.faults = sorted;
  }
}

/** `file:line:column: error: what`, the line with a caret below the fault, and a line of help. */
export function renderFaults(faults: readonly DefinitionFault[]): string {
  return faults.map(renderFault).join('\n\n');
}

function renderFault({ place, message, hint, excerpt }: DefinitionFault): string {
  const lines = [`${place.file}:${place.line}:${place.column}: error: ${message}`];
  if (excerpt && excerpt.line.trim() !== '') lines.push(...renderExcerpt(place, excerpt));
  if (hint !== undefined) lines.push(`help: ${hint}`);
  return lines.join('\n');
}

function renderExcerpt(place: Place, excerpt: { line: string; widthCount: number }): string[] {
  const number = String(place.line).padStart(5);
  const before = place.column - 1;
  const from = before > SHOWN_LINE_COUNT / 2 && excerpt.line.length > SHOWN_LINE_COUNT ? before - 40 : 0;
  const shown = excerpt.line.slice(from, from + SHOWN_LINE_COUNT).trimEnd();
  // Tabs stay tabs below the line, so the caret stands right whatever a tab's width is.
  const indent = excerpt.line.slice(from, before).replace(/[^\t]/g, ' ');
  const widthCount = Math.max(1, Math.min(excerpt.widthCount, from + shown.length - before));
  return [`${number} | ${shown}`, `${' '.repeat(5)} | ${indent}${'^'.repeat(widthCount)}`];
}

/** By file, line and column; a fault told twice is one fault. */
export function inOrder(faults: readonly DefinitionFault[]): DefinitionFault[] {
  const told = new Set<string>();
  const once = faults.filter(({ place, message }) => {
    const identity = `${place.file}:${place.line}:${place.column}:${message}`;
    return !told.has(identity) && told.add(identity);
  });
  return once.sort(({ place: a }, { place: b }) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  });
}
