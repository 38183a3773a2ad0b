const ALL =
  'SELECT :n AS n, :x AS x, :b AS b, :s AS s, :d AS d, :t AS t, :p_start AS p_start, :p_end AS p_end';

/** A parameter of every type, bound by every panel. */
export const TYPED = `
id: typed
source: main
params:
  n: { type: integer, default: 1 }
  x: { type: number, default: 1 }
  b: { type: boolean, default: true }
  s: { type: string, default: a, max_length: 40, options: "SELECT id, name FROM sites ORDER BY id" }
  d: { type: date, default: 2026-01-01 }
  t: { type: timestamp, default: 2026-01-01T00:00:00Z }
  p: { type: period, default: 2026-01-01/2026-02-01, maximum: 366d }
metrics:
  query: ${ALL}
charts:
  one: { type: table, labels: n, query: "${ALL}" }
summary: { query: "${ALL}" }
`;
