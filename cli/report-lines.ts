import { FIGURE_TITLES, figureText, targetText } from '../services/report/figure-text.js';
import type { ReportedPeriod, SuccessReport, SuccessRow } from '../services/report/success-report.js';
import { type Column, tableLines } from './table-lines.js';
import type { Terminal } from './terminal.js';

type Colors = Terminal['colors'];

/** The report for a person: the success table, then by day and by week, the verdict last. */
export function reportLines(report: SuccessReport, colors: Colors): string[] {
  const { table, periods } = report;
  const columns: Column[] = [
    { title: 'Figure' },
    { title: 'Baseline', align: 'right' },
    { title: 'Target', align: 'right' },
    { title: 'Actual', align: 'right' },
    { title: '' },
  ];
  return [
    ...tableLines(columns, table.map(successCells)),
    '',
    ...(periods.length === 0 ? [] : [...periodLines(report), '']),
    ...noteLines(report),
    verdictLine(report, colors),
  ];
}

/** Cells of one row of the success table. */
export function successCells(row: SuccessRow): string[] {
  return [
    FIGURE_TITLES[row.name],
    figureText(row.unit, row.baseline),
    targetText(row),
    figureText(row.unit, row.actual),
    row.met === null ? '' : row.met ? 'met' : 'missed',
  ];
}

function periodLines({ table, periods }: SuccessReport): string[] {
  const columns: Column[] = [
    { title: 'Time' },
    { title: 'Reads', align: 'right' },
    ...table.map(({ name }) => ({ title: FIGURE_TITLES[name], align: 'right' as const })),
    { title: 'Missed' },
  ];
  return tableLines(
    columns,
    periods.map((period) => periodCells(period, table)),
  );
}

/** Cells of one day or week. */
export function periodCells(period: ReportedPeriod, table: readonly SuccessRow[]): string[] {
  return [
    period.kind === 'day' ? period.first_day : `${period.first_day} to ${period.last_day}`,
    String(period.requests),
    ...table.map(({ name, unit }) => figureText(unit, period.actual[name])),
    period.missed.map((name) => FIGURE_TITLES[name]).join(', '),
  ];
}

/** What has to be known to read the figures. */
export function noteLines({ baseline, reach, total }: SuccessReport): string[] {
  return [
    ...(baseline === null ? ['No baseline: measure it with `dashcache report baseline`'] : []),
    ...(reach === 'process'
      ? ['Only of the process that answered, since its start: it has no Redis, or that does not answer']
      : []),
    ...(total.mean_load_ms === null
      ? []
      : [
          `${total.requests} reads, mean load time ${figureText('ms', total.mean_load_ms)}, at most ${total.busiest_minute_queries} source queries in a minute`,
          total.loads_of === 'dashboards'
            ? `Load times are of whole dashboards; of panels (p95): ${figureText('ms', total.panel_load_p95_ms)}`
            : 'Load times are of panels: no whole dashboard was read in one request',
        ]),
  ];
}

function verdictLine({ missed, table, since }: SuccessReport, colors: Colors): string {
  if (missed.length > 0) {
    const names = missed.map((name) => FIGURE_TITLES[name]).join(', ');
    return colors.red(`✗ Missed since ${since}: ${names}`);
  }
  const unmeasured = table.filter(({ met }) => met === null).length;
  if (unmeasured === table.length) return colors.yellow(`· Nothing was measured since ${since}`);
  const rest = unmeasured === 0 ? '' : `, ${unmeasured} not measured`;
  return colors.green(`✓ No target missed since ${since}${rest}`);
}
