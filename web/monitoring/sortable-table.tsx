import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ScrollBox } from './plain-table.js';

export interface Column<Row> {
  readonly title: string;
  /** What is sorted by. */
  readonly value: (row: Row) => number | string;
  /** What is shown; default: the value. */
  readonly show?: (row: Row) => ComponentChildren;
}

export interface SortableTableProps<Row> {
  readonly label: string;
  /** The first names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

interface Order {
  readonly title: string;
  readonly isDescending: boolean;
}

/** A table whose heads sort it; numbers begin with the largest. As given until one is pressed. */
export function SortableTable<Row>({ label, columns, rows, keyOf }: SortableTableProps<Row>) {
  const [order, setOrder] = useState<Order | null>(null);
  const press = ({ title, value }: Column<Row>) => {
    const first = rows[0];
    const isNumber = first !== undefined && typeof value(first) === 'number';
    setOrder({ title, isDescending: order?.title === title ? !order.isDescending : isNumber });
  };
  return (
    <ScrollBox label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" aria-sort={sortOf(order, column.title)}>
                <button type="button" class="head" onClick={() => press(column)}>
                  {column.title}
                  <span aria-hidden="true"> {arrowOf(order, column.title)}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, columns, order).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, value, show }, at) => {
                const shown = show ? show(row) : value(row);
                const kind = typeof value(row) === 'number' ? 'number' : undefined;
                return at === 0 ? (
                  <th key={title} scope="row">
                    {shown}
                  </th>
                ) : (
                  <td key={title} class={kind}>
                    {shown}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | null,
): readonly Row[] {
  const column = columns.find(({ title }) => title === order?.title);
  if (!column || !order) return rows;
  const sign = order.isDescending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(column.value(a), column.value(b)));
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

function sortOf(order: Order | null, title: string): 'ascending' | 'descending' | 'none' {
  if (order?.title !== title) return 'none';
  return order.isDescending ? 'descending' : 'ascending';
}

function arrowOf(order: Order | null, title: string): string {
  return { ascending: '▲', descending: '▼', none: '↕' }[sortOf(order, title)];
}
