/** A column of every type that a source can tell, with values at their ends, compared and exact ones beside plain ones. */
export const COLUMNS = `
id: columns
title: Columns
source: main
params:
  wide: { type: boolean, default: true }
  from: { type: period, default: 2026-01-01/2026-02-01, maximum: 366d, timezone: Europe/Berlin }
  word: { type: string, pattern: "^[a-z]+$", optional: true }
metrics:
  query: |
    SELECT 9007199254740993 AS large, 7 AS small, 1.5::DECIMAL(9, 2) AS price, 12.25::DECIMAL(9, 2) AS paid,
      170141183460469231731687303715884105727::HUGEINT AS huge, 'nan'::DOUBLE AS nothing, 0.1::DOUBLE AS tenth,
      true AS flag, 'a "text"' AS text, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 08:00:00.5' AS at,
      NULL::INTEGER AS none, '{"a":[1,null]}'::JSON AS nested, :wide AS wide, :word AS word, :from_start AS start
  values:
    large: { title: Large, format: integer, compare: previous_period }
    paid: { title: Paid, format: currency, unit: EUR, exact: true, compare: previous_period }
    small: { exact: true, better: up }
    tenth: { exact: true }
charts:
  by_day:
    type: line
    labels: day
    query: |
      SELECT CAST(range AS DATE) AS day, 1.5::DECIMAL(9, 2) AS price, 3 AS count
      FROM range(CAST(:from_start AS TIMESTAMP), CAST(:from_end AS TIMESTAMP), INTERVAL 1 DAY)
    values:
      price: { exact: true }
  none: { type: pie, labels: kind, query: "SELECT 'x' AS kind, 1 AS total WHERE :word IS NOT NULL" }
summary: { query: "SELECT 1 AS n WHERE NOT :wide" }
`;
