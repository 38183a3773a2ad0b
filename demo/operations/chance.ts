/** Seeds of the tables, so that no two of them draw the same numbers. Below 1024: see `chance`. */
export type Stream = 'site' | 'person' | 'task' | 'work_order' | 'attendance' | 'slot';
const STREAMS: readonly Stream[] = ['site', 'person', 'task', 'work_order', 'attendance', 'slot'];

/** What is drawn for one row; every name is its own independent draw. */
export const DRAWS = [
  'rank',
  'slot',
  'second',
  'building',
  'floor',
  'person',
  'category',
  'title',
  'priority',
  'fate',
  'size',
  'size_angle',
  'start',
  'cost',
  'cost_angle',
  'vendor',
  'date',
  'role',
  'presence',
  'hours',
] as const;
export type Draw = (typeof DRAWS)[number];

/**
 * SQL for a number in [0, 1) that depends on the row's number and the draw alone: unlike random(), the same on every
 * run and however many threads work. The hash is of one integer, since hashes of pairs are correlated.
 */
export function chance(stream: Stream, rowNumber: string, draw: Draw): string {
  const offset = BigInt(STREAMS.indexOf(stream) + 1) << 48n;
  const salted = `CAST(${rowNumber} AS BIGINT) * 64 + ${offset + BigInt(DRAWS.indexOf(draw))}`;
  return `(CAST(hash(${salted}) >> 11 AS DOUBLE) / 9007199254740992.0)`;
}

/** SQL for a standard normal number made of two chances (Box and Muller). */
export function normal(first: string, second: string): string {
  return `(sqrt(-2.0 * ln(1.0 - ${first})) * cos(6.283185307179586 * ${second}))`;
}

/** SQL for one of the values, each as often as its weight says. */
export function pickWeighted(number: string, choices: Readonly<Record<string, number>>): string {
  const entries = Object.entries(choices);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  let reached = 0;
  const branches = entries.map(([value, weight]) => {
    reached += weight;
    return `WHEN ${number} < ${reached / total} THEN ${quote(value)}`;
  });
  return `CASE ${branches.join(' ')} ELSE ${quote(entries.at(-1)?.[0] ?? '')} END`;
}

/** SQL for one of the values, all equally often. */
export function pick(number: string, values: readonly string[]): string {
  return `${list(values)}[1 + CAST(floor(${number} * ${values.length}) AS INTEGER)]`;
}

export function list(values: readonly string[]): string {
  return `[${values.map(quote).join(', ')}]`;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
