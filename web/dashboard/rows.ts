import { titleOf } from './format-value.js';
import type { CellValue, ChartBody, Panel, RecordBody, ValueStyle } from './model.js';

/** A panel as a table: for those who do not see charts, and to be taken away. */
export interface Rows {
  readonly titles: readonly string[];
  readonly styles: readonly (ValueStyle | undefined)[];
  readonly cells: readonly (readonly CellValue[])[];
}

export function rowsOf(panel: Panel, body: RecordBody | ChartBody): Rows {
  const styles = panel.values as Readonly<Record<string, ValueStyle>>;
  if (isChart(body)) {
    const { labels, series } = body.data;
    return {
      titles: ['', ...series.map(({ name }) => titleOf(name, styles[name]))],
      styles: [undefined, ...series.map(({ name }) => styles[name])],
      cells: labels.map((label, i) => [label, ...series.map(({ values }) => values[i] ?? null)]),
    };
  }
  const names = Object.keys(body.data ?? {});
  return {
    titles: names.map((name) => titleOf(name, styles[name])),
    styles: names.map((name) => styles[name]),
    cells: body.data ? [names.map((name) => body.data?.[name] ?? null)] : [],
  };
}

export function isChart(body: RecordBody | ChartBody): body is ChartBody {
  return body.data !== null && 'series' in body.data && Array.isArray(body.data.series);
}

/** RFC 4180. What a spreadsheet would take for a formula is made text. */
export function csvOf({ titles, cells }: Rows): string {
  const cell = (value: CellValue) => {
    const text = value === null ? '' : String(value);
    const safe =
      typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text))
        ? `'${text}`
        : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [titles, ...cells].map((line) => line.map(cell).join(',')).join('\r\n');
}
