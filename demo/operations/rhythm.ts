import { chance } from './chance.js';

/** How much work is reported in each hour of a day (UTC, which is the sites' own time in winter). */
const OFFICE_HOURS = [1, 1, 1, 1, 2, 5, 16, 42, 78, 92, 88, 74, 58, 66, 76, 70, 52, 30, 16, 9, 6, 4, 2, 1];
const WEEKEND_HOURS = [1, 1, 1, 1, 1, 2, 4, 6, 9, 11, 12, 11, 10, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1];

/** Monday to Sunday. */
const WEEKDAYS = [112, 104, 100, 97, 84, 70, 52];

/**
 * Statements for `span` (the two years before `as_of`) and `slots`: every hour of them with its share of `tickets`,
 * by hour, weekday, season, growth, holidays and the day's own luck. The hour of `as_of` is the first without work.
 */
export function rhythmSql(asOfMs: number): readonly string[] {
  const asOf = new Date(asOfMs).toISOString().slice(0, 19).replace('T', ' ');
  return [
    `CREATE TEMP TABLE span AS
     SELECT as_of, date_trunc('day', as_of - INTERVAL 2 YEAR) AS first_day FROM (SELECT TIMESTAMP '${asOf}' AS as_of)`,
    `CREATE TEMP TABLE slots AS
     WITH hours AS (
       SELECT unnest(generate_series(first_day, as_of - INTERVAL 1 HOUR, INTERVAL 1 HOUR)) AS slot_start, first_day
       FROM span
     ), parts AS (
       SELECT slot_start, isodow(slot_start) AS weekday, hour(slot_start) AS hour_of_day,
         dayofyear(slot_start) AS day_of_year, month(slot_start) * 100 + day(slot_start) AS month_day,
         date_diff('day', first_day, slot_start) AS day_number
       FROM hours
     ), weighted AS (
       SELECT slot_start, CAST(round(
         (CASE WHEN weekday >= 6 THEN ${JSON.stringify(WEEKEND_HOURS)} ELSE ${JSON.stringify(OFFICE_HOURS)} END)[hour_of_day + 1]
         * ${JSON.stringify(WEEKDAYS)}[weekday]
         * (1 + 0.18 * cos(6.283185307179586 * (day_of_year - 25) / 365.25))
         * (1 + 0.35 * day_number / 731)
         * (CASE WHEN month_day >= 1224 OR month_day <= 101 THEN 0.35 ELSE 1 END)
         * (0.85 + 0.3 * ${chance('slot', 'day_number', 'size')})
       ) AS BIGINT) AS weight
       FROM parts
     )
     SELECT slot_start, CAST(sum(weight) OVER (ORDER BY slot_start) AS BIGINT) - weight AS first_ticket,
       CAST(sum(weight) OVER () AS BIGINT) AS tickets
     FROM weighted ORDER BY slot_start`,
  ];
}

/**
 * SQL for a relation (site_id, n, created_at, pace and the site's shares): one row for each task or work order of each
 * site, with the instant at which it was reported.
 */
export function reportedSql(stream: 'task' | 'work_order'): string {
  return `
    SELECT drawn.*, slot_start + to_seconds(CAST(floor(3600 * ${chance(stream, 'n', 'second')}) AS BIGINT)) AS created_at
    FROM (
      SELECT numbered.*, CAST(floor(${chance(stream, 'n', 'slot')} * (SELECT max(tickets) FROM slots)) AS BIGINT) AS ticket
      FROM (
        SELECT site_id, building_count, pace, first_person, person_count,
          first_${stream} + unnest(range(${stream}_count)) AS n
        FROM site_shares
      ) AS numbered
    ) AS drawn ASOF JOIN slots ON drawn.ticket >= slots.first_ticket`;
}
