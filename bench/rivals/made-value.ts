export type Shape = 'object' | 'text';

/** A key that says what its value is like, so that any process can make it. */
export function madeKey(shape: Shape, sizeKib: number, index: number): string {
  return `made-${shape}-${sizeKib}-${index}`;
}

/** Rows as a chart has them, or their JSON as text; about as long as the key says. */
export function madeValue(key: string): unknown {
  const [, shape, sizeKib] = key.split('-');
  const rows: { label: string; total: number; completed: number }[] = [];
  const rowBytes = JSON.stringify(row(0)).length + 1;
  while (rows.length * rowBytes < Number(sizeKib) * 1024) rows.push(row(rows.length));
  return shape === 'text' ? JSON.stringify({ rows }) : { rows };
}

function row(index: number): { label: string; total: number; completed: number } {
  return { label: `2026-01-${String(10 + (index % 20))}`, total: 1000 + (index % 9000), completed: 500 };
}
