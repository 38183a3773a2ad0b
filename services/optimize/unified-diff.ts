import { applyEdits, type Edit } from './edit.js';

const CONTEXT_LINES_COUNT = 3;

/** Old lines that are replaced, by their numbers from 0, and what takes their place. */
interface ChangedLines {
  readonly firstLine: number;
  /** The line after the last. */
  readonly endLine: number;
  readonly edits: readonly Edit[];
}

/** The edits of a text as `patch` and `git apply` take them; '' without edits. */
export function unifiedDiff(name: string, text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return '';
  const lines = text.split(/(?<=\n)/);
  const starts = startsOf(lines);
  const parts = [`--- ${labelOf('a', name)}\n`, `+++ ${labelOf('b', name)}\n`];
  let shiftLinesCount = 0;
  for (const group of hunksOf(changedLines(edits, starts))) {
    const hunk = hunkOf(group, { text, lines, starts, shiftLinesCount });
    parts.push(hunk.text);
    shiftLinesCount += hunk.grownLinesCount;
  }
  return parts.join('');
}

/** `patch` would look for an absolute name below the current folder if it had the usual letter before it. */
function labelOf(letter: string, name: string): string {
  return name.startsWith('/') ? name : `${letter}/${name}`;
}

function startsOf(lines: readonly string[]): number[] {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  const next = starts.findIndex((start) => start > offset);
  return next === -1 ? starts.length - 2 : next - 1;
}

/** Edits in the same lines are one change. */
function changedLines(edits: readonly Edit[], starts: readonly number[]): ChangedLines[] {
  const changed: ChangedLines[] = [];
  for (const edit of edits) {
    const firstLine = lineAt(starts, edit.startOffset);
    const endLine = lineAt(starts, edit.endOffset) + 1;
    const before = changed.at(-1);
    if (before && firstLine <= before.endLine)
      changed[changed.length - 1] = {
        firstLine: before.firstLine,
        endLine: Math.max(endLine, before.endLine),
        edits: [...before.edits, edit],
      };
    else changed.push({ firstLine, endLine, edits: [edit] });
  }
  return changed;
}

/** Changes whose context meets share a hunk. */
function hunksOf(changed: readonly ChangedLines[]): ChangedLines[][] {
  const hunks: ChangedLines[][] = [];
  for (const change of changed) {
    const group = hunks.at(-1);
    const before = group?.at(-1);
    if (group && before && change.firstLine - before.endLine <= 2 * CONTEXT_LINES_COUNT) group.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunkOf(
  group: readonly ChangedLines[],
  {
    text,
    lines,
    starts,
    shiftLinesCount,
  }: {
    readonly text: string;
    readonly lines: readonly string[];
    readonly starts: readonly number[];
    readonly shiftLinesCount: number;
  },
): { text: string; grownLinesCount: number } {
  const from = Math.max(0, (group[0]?.firstLine ?? 0) - CONTEXT_LINES_COUNT);
  const to = Math.min(lines.length, (group.at(-1)?.endLine ?? 0) + CONTEXT_LINES_COUNT);
  const shown: string[] = [];
  let grownLinesCount = 0;
  let line = from;
  for (const { firstLine, endLine, edits } of group) {
    const old = lines.slice(firstLine, endLine);
    const base = starts[firstLine] ?? 0;
    const moved = edits.map((edit) => ({
      startOffset: edit.startOffset - base,
      endOffset: edit.endOffset - base,
      text: edit.text,
    }));
    const made = applyEdits(text.slice(base, starts[endLine]), moved).split(/(?<=\n)/);
    // What is put in after a line leaves the line itself.
    const differsAt = old.findIndex((before, index) => before !== made[index]);
    const sameCount = differsAt === -1 ? old.length : differsAt;
    shown.push(...lines.slice(line, firstLine + sameCount).map((same) => marked(' ', same)));
    shown.push(...old.slice(sameCount).map((gone) => marked('-', gone)));
    shown.push(...made.slice(sameCount).map((added) => marked('+', added)));
    grownLinesCount += made.length - old.length;
    line = endLine;
  }
  shown.push(...lines.slice(line, to).map((same) => marked(' ', same)));
  const count = to - from;
  const head = `@@ -${from + 1},${count} +${from + 1 + shiftLinesCount},${count + grownLinesCount} @@\n`;
  return { text: head + shown.join(''), grownLinesCount };
}

function marked(sign: string, line: string): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}
