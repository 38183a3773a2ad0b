import { FIGURE_TITLES } from '../services/report/figure-text.js';
import type { SuccessReport } from '../services/report/success-report.js';
import { noteLines, periodCells, successCells } from './report-lines.js';

/** The report as Markdown. */
export function reportMarkdown(report: SuccessReport): string[] {
  const { table, periods, since } = report;
  const titles = table.map(({ name }) => FIGURE_TITLES[name]);
  return [
    `# dashcache since ${since}`,
    '',
    ...tableMarkdown(['Figure', 'Baseline', 'Target', 'Actual', 'Verdict'], table.map(successCells)),
    '',
    ...noteLines(report).flatMap((line) => [`- ${line}`]),
    '',
    '## By day and by week',
    '',
    ...tableMarkdown(
      ['Time', 'Reads', ...titles, 'Missed'],
      periods.map((period) => periodCells(period, table)),
    ),
  ];
}

function tableMarkdown(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
