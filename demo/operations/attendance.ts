import { chance } from './chance.js';

/**
 * Statements for attendance: one row for each person and working day before `as_of`, and for the weekends of the roles
 * that work then. Fridays and Mondays are the days of working from home, winter the time of being ill.
 */
export function attendanceSql(): readonly string[] {
  const n = 'person_id * 1000 + day_number';
  const presence = chance('attendance', n, 'presence');
  return [
    `CREATE TABLE attendance (
       site_id INTEGER NOT NULL, person_id INTEGER NOT NULL, day DATE NOT NULL, status VARCHAR NOT NULL,
       hours NUMERIC(4, 2) NOT NULL
     )`,
    `INSERT INTO attendance
     WITH days AS (
       SELECT CAST(unnest(generate_series(first_day, date_trunc('day', as_of) - INTERVAL 1 DAY, INTERVAL 1 DAY)) AS DATE) AS day,
         CAST(first_day AS DATE) AS first_date
       FROM span
     ), calendar AS (
       SELECT day, CAST(day - first_date AS INTEGER) AS day_number, isodow(day) AS weekday,
         0.018 + 0.02 * greatest(0, cos(6.283185307179586 * (dayofyear(day) - 25) / 365.25)) AS sick_share,
         CASE WHEN month(day) IN (7, 8) OR month(day) * 100 + day(day) >= 1222 THEN 0.16 ELSE 0.06 END AS leave_share,
         [0.22, 0.14, 0.13, 0.16, 0.31, 0, 0][isodow(day)] AS remote_share
       FROM days
     ), rostered AS (
       SELECT people.site_id, people.id AS person_id, calendar.*, ${presence.replaceAll('person_id', 'people.id')} AS luck,
         role IN ('Cleaner', 'Security officer', 'Technician', 'Caterer', 'Electrician') AS on_site_only
       FROM people, calendar
       WHERE weekday <= 5
         OR (role IN ('Cleaner', 'Security officer', 'Technician') AND ${chance('attendance', 'people.id * 1000 + day_number', 'fate')} < 0.3)
     ), decided AS (
       SELECT *, CASE
         WHEN luck < sick_share THEN 'sick'
         WHEN luck < sick_share + leave_share THEN 'leave'
         WHEN NOT on_site_only AND luck < sick_share + leave_share + 1.8 * remote_share THEN 'remote'
         ELSE 'on_site' END AS status
       FROM rostered
     )
     SELECT site_id, person_id, day, status,
       CASE WHEN status IN ('sick', 'leave') THEN 0
         ELSE CAST(round(6.5 + 2.5 * ${chance('attendance', n, 'hours')}, 2) AS NUMERIC(4, 2)) END
     FROM decided ORDER BY site_id, day, person_id`,
  ];
}
