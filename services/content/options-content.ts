import type { Cell, Column, SourceResult } from '../sources/source.js';
import { jsonText, jsonValue } from './json-value.js';

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

function labelText(column: Column | undefined, cell: Cell): string | null {
  return column === undefined || cell === null ? null : String(cell);
}
