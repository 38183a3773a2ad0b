import { DashcacheError } from '../../errors.js';
import type { Panel } from '../definitions/model.js';
import type { Cell, Column, SourceResult } from '../sources/source.js';
import { jsonText, jsonValue } from './json-value.js';

/**
 * What a panel shows, as the end of its body: `"data":...`, and `,"previous":...` where `previous` holds the results of the
 * period before. One result per query of the panel, in its order. Throws source_wrong_answer when they do not fit the panel.
 */
export function panelContent(
  panel: Panel,
  results: readonly SourceResult[],
  previous: readonly SourceResult[] | null,
): string {
  const build = panel.chart ? chartContent : objectContent;
  const data = `"data":${build(panel, results, false)}`;
  return previous === null ? data : `${data},"previous":${build(panel, previous, true)}`;
}

/**
 * The body of an options answer: `{"options":[{"value":7,"label":"North"}]}`. The first column is the value, the second
 * what people read; without one, or where it is NULL, the value itself.
 */
export function optionsContent(result: SourceResult): string {
  const [valueColumn, labelColumn] = result.columns;
  if (!valueColumn) return '{"options":[]}';
  const options = result.rows.map(([value = null, label = null]) => {
    const text = labelText(labelColumn, label) ?? labelText(valueColumn, value) ?? '';
    return `{"value":${jsonValue(valueColumn.type, value)},"label":${jsonText(text)}}`;
  });
  return `{"options":[${options.join(',')}]}`;
}

interface Field {
  readonly column: Column;
  /** Place in a row. */
  readonly index: number;
}

/** Metrics and summary: the single rows of all queries merged into one object; null when no query gave a row. */
function objectContent(panel: Panel, results: readonly SourceResult[], comparedOnly: boolean): string {
  const members: string[] = [];
  const seen = new Set<string>();
  for (const result of results) {
    if (result.rows.length > 1) {
      throw wrongAnswer(
        `A query of the panel ${panel.id} gave several rows where one is wanted: aggregate it or use a chart.`,
      );
    }
    const row = result.rows[0];
    for (const { column, index } of fieldsOf(panel, result, seen)) {
      if (comparedOnly && !isCompared(panel, column)) continue;
      members.push(`${jsonText(column.name)}:${cellJson(panel, column, row?.[index] ?? null)}`);
    }
  }
  // A comparison always says of each compared value what it was, if only null.
  if (comparedOnly)
    for (const [name, { compare }] of panel.values)
      if (compare !== null && !seen.has(name)) members.push(`${jsonText(name)}:null`);
  const isEmpty = !comparedOnly && results.every((result) => result.rows.length === 0);
  return isEmpty ? 'null' : `{${members.join(',')}}`;
}

function chartContent(panel: Panel, results: readonly SourceResult[], comparedOnly: boolean): string {
  const [result, ...more] = results;
  if (!panel.chart || !result || more.length > 0) {
    throw wrongAnswer(`The chart ${panel.id} needs the answer of exactly one query.`);
  }
  // Without a row, an endpoint names no columns: there is nothing to draw, and nothing wrong.
  const fields =
    result.columns.length === 0 && result.rows.length === 0
      ? noFields(panel)
      : fieldsOf(panel, result, new Set());
  const labels = fields.find(({ column }) => column.name === panel.chart?.labels);
  if (!labels) {
    throw wrongAnswer(
      `The query of ${panel.id} has no column ${panel.chart.labels}, which its labels are taken from.`,
    );
  }
  const series = fields
    .filter((field) => field !== labels && (!comparedOnly || isCompared(panel, field.column)))
    .map(
      (field) => `{"name":${jsonText(field.column.name)},"values":${valuesOf(panel, field, result.rows)}}`,
    );
  const shape = `"labels":${valuesOf(panel, labels, result.rows)},"series":[${series.join(',')}]`;
  return comparedOnly ? `{${shape}}` : `{"type":${jsonText(panel.chart.type)},${shape}}`;
}

/** One column as a JSON array. A plain loop over one growing string: charts may have a million cells. */
function valuesOf(panel: Panel, field: Field, rows: readonly (readonly Cell[])[]): string {
  const { type, name } = field.column;
  const exact = panel.values.get(name)?.exact ?? false;
  let json = '';
  for (const row of rows) {
    json += json === '' ? '[' : ',';
    json += jsonValue(type, row[field.index] ?? null, exact);
  }
  return json === '' ? '[]' : `${json}]`;
}

/** The columns of a result with their places; `seen` holds the names already taken in this panel. */
function fieldsOf(panel: Panel, result: SourceResult, seen: Set<string>): Field[] {
  return result.columns.map((column, index) => {
    if (seen.has(column.name)) {
      throw wrongAnswer(`The panel ${panel.id} has two columns named ${column.name}: rename one with AS.`);
    }
    seen.add(column.name);
    return { column, index };
  });
}

function noFields({ chart }: Panel): Field[] {
  return [{ column: { name: chart?.labels ?? '', type: 'text' }, index: 0 }];
}

function cellJson(panel: Panel, column: Column, cell: Cell): string {
  return jsonValue(column.type, cell, panel.values.get(column.name)?.exact ?? false);
}

function isCompared(panel: Panel, column: Column): boolean {
  return panel.values.get(column.name)?.compare === 'previous_period';
}

function wrongAnswer(detail: string): DashcacheError {
  return new DashcacheError('source_wrong_answer', { detail });
}

function labelText(column: Column | undefined, cell: Cell): string | null {
  return column === undefined || cell === null ? null : String(cell);
}
