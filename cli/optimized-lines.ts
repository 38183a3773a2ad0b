import type { Optimization } from '../services/optimize/optimize-folder.js';
import { printableText } from './printable.js';
import { counted } from './readable-figures.js';
import type { Terminal } from './terminal.js';

/** The diff, then what was left and why, then the sum. `patch` and `git apply` take the diff and pass over the rest. */
export function optimizedLines(
  { filesCount, files, failed }: Optimization,
  { isDry, terminal: { colors, watched } }: { readonly isDry: boolean; readonly terminal: Terminal },
): string[] {
  const lines = files
    .flatMap(({ diff }) => diffLines(diff, watched))
    .map((line) => coloredLine(line, colors));
  const left = files.flatMap(({ path, left }) => left.map((check) => ({ path, ...check })));
  for (const { path, line, column, reason } of left)
    lines.push(`${colors.bold(`${printableText(path)}:${line}:${column}`)}: left: ${printableText(reason)}`);
  for (const { path, reason } of failed)
    lines.push(`${colors.bold(printableText(path))}: ${colors.red('skipped:')} ${printableText(reason)}`);
  const rewritten = files.filter(({ rewrites }) => rewrites.length > 0);
  const checks = counted(
    rewritten.reduce((count, { rewrites }) => count + rewrites.length, 0),
    'check',
  );
  lines.push(
    `${counted(filesCount, 'file')}: ${checks} ${isDry ? 'to rewrite' : 'rewritten'} in ${counted(rewritten.length, 'file')}, ${left.length} left${failed.length > 0 ? `, ${counted(failed.length, 'file')} skipped` : ''}`,
  );
  return lines;
}

/** Byte by byte for a program; a terminal gets no control characters of somebody's source. */
function diffLines(diff: string, watched: boolean): string[] {
  if (diff === '') return [];
  const lines = diff.replace(/\n$/, '').split('\n');
  return watched
    ? lines.map((line) => line.replace(/\r$/, '').split('\t').map(printableText).join('\t'))
    : lines;
}

function coloredLine(line: string, colors: Terminal['colors']): string {
  if (/^(---|\+\+\+) /.test(line)) return colors.bold(line);
  if (line.startsWith('@@')) return colors.cyan(line);
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
}
