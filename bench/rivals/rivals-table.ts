import type { Figure } from './figure.js';

/** What was measured of one library by one measurement; or why it could not be. */
export interface Result {
  readonly measurement: string;
  readonly library: string;
  readonly figures: readonly Figure[];
  readonly error: string | null;
}

/** The results as a Markdown table, a column for each library; what failed is said below it. */
export function rivalsTable(results: readonly Result[]): string {
  const libraries = [...new Set(results.map(({ library }) => library))];
  const lines = [['', ...libraries]];
  for (const measurement of new Set(results.map((result) => result.measurement))) {
    const of = results.filter((result) => result.measurement === measurement);
    for (const row of new Set(of.flatMap(({ figures }) => figures.map((figure) => figure.row))))
      lines.push([row, ...libraries.map((library) => cell(of, library, row))]);
  }
  const failures = results.filter(({ error }) => error !== null);
  return [
    ...aligned(lines),
    ...failures.map(({ measurement, library, error }) => `${measurement} of ${library} failed: ${error}`),
    '',
  ].join('\n');
}

function cell(results: readonly Result[], library: string, row: string): string {
  const result = results.find((one) => one.library === library);
  if (!result || result.error !== null) return 'failed';
  return result.figures.find((figure) => figure.row === row)?.text ?? 'failed';
}

function aligned([head = [], ...rows]: readonly string[][]): string[] {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
