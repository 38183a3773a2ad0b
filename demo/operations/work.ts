import { chance, normal, pick, pickWeighted, quote } from './chance.js';
import { reportedSql } from './rhythm.js';
import { TASK_TITLES, TRADES, VENDORS } from './words.js';

type WorkStream = 'task' | 'work_order';

const PRIORITIES = { low: 24, normal: 48, high: 21, critical: 7 };
const CATEGORIES = {
  cleaning: 26,
  maintenance: 24,
  inspection: 16,
  safety: 11,
  security: 9,
  moves: 8,
  catering: 6,
};

/** Statements for tasks and work orders: rows of one site lie together, by time, so that its queries read little. */
export function tasksSql(): readonly string[] {
  const n = 'n';
  const titles = Object.entries(TASK_TITLES).map(
    ([category, names]) => `WHEN ${quote(category)} THEN ${pick(chance('task', n, 'title'), names)}`,
  );
  return [
    `CREATE TABLE tasks (
       id INTEGER NOT NULL, site_id INTEGER NOT NULL, building_id INTEGER NOT NULL, floor INTEGER NOT NULL,
       assignee_id INTEGER NOT NULL, title VARCHAR NOT NULL, category VARCHAR NOT NULL, priority VARCHAR NOT NULL,
       status VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL, due_at TIMESTAMP NOT NULL,
       started_at TIMESTAMP, completed_at TIMESTAMP
     )`,
    `INSERT INTO tasks
     WITH ${fates('task', { critical: 5, high: 15, normal: 38, low: 80 })}
     SELECT CAST(row_number() OVER (ORDER BY created_at, n) AS INTEGER), site_id, ${buildingId('task')}, ${floor('task')},
       CAST(first_person + 1 + floor(person_count * pow(${chance('task', n, 'person')}, 1.5)) AS INTEGER),
       CASE category ${titles.join(' ')} END, category, priority, status, created_at, due_at,
       CASE WHEN status IN ('in_progress', 'completed') THEN started_at END,
       CASE WHEN status = 'completed' THEN completed_at END
     FROM (SELECT *, ${pickWeighted(chance('task', n, 'category'), CATEGORIES)} AS category FROM fates)
     JOIN buildings_at USING (site_id)
     ORDER BY site_id, created_at, n`,
  ];
}

export function workOrdersSql(): readonly string[] {
  const cost = `exp(4.9 + 0.8 * ${normal(chance('work_order', 'n', 'cost'), chance('work_order', 'n', 'cost_angle'))})`;
  return [
    `CREATE TABLE work_orders (
       id INTEGER NOT NULL, site_id INTEGER NOT NULL, building_id INTEGER NOT NULL, floor INTEGER NOT NULL,
       trade VARCHAR NOT NULL, vendor VARCHAR NOT NULL, priority VARCHAR NOT NULL, status VARCHAR NOT NULL,
       created_at TIMESTAMP NOT NULL, due_at TIMESTAMP NOT NULL, responded_at TIMESTAMP, completed_at TIMESTAMP,
       cost NUMERIC(10, 2)
     )`,
    `INSERT INTO work_orders
     WITH ${fates('work_order', { critical: 9, high: 30, normal: 90, low: 190 })}
     SELECT CAST(row_number() OVER (ORDER BY created_at, n) AS INTEGER), site_id, ${buildingId('work_order')},
       ${floor('work_order')}, ${pick('trade_chance', TRADES)},
       CASE WHEN ${chance('work_order', 'n', 'vendor')} < 0.25 THEN ${quote(VENDORS.at(-1) ?? '')}
         ELSE ${pick('trade_chance', VENDORS.slice(0, -1))} END,
       priority, status, created_at, due_at,
       CASE WHEN status IN ('in_progress', 'completed') THEN started_at END,
       CASE WHEN status = 'completed' THEN completed_at END,
       CASE WHEN status = 'completed' THEN CAST(round(${cost}, 2) AS NUMERIC(10, 2)) END
     FROM (SELECT *, ${chance('work_order', 'n', 'category')} AS trade_chance FROM fates)
     JOIN buildings_at USING (site_id)
     ORDER BY site_id, created_at, n`,
  ];
}

/**
 * CTEs that end in `fates`: priority, due date, how long the work takes (lognormal, by priority and the pace of the
 * site, a little shorter every month), and what has become of it by `as_of`.
 */
function fates(stream: WorkStream, medianHours: Record<keyof typeof PRIORITIES, number>): string {
  const luck = normal(chance(stream, 'n', 'size'), chance(stream, 'n', 'size_angle'));
  const medians = Object.entries(medianHours).map(([priority, hours]) => `WHEN '${priority}' THEN ${hours}`);
  const seconds = (value: string): string => `to_seconds(CAST(floor(${value}) AS BIGINT))`;
  return `
    buildings_at AS (
      SELECT site_id, list(floor_count ORDER BY id) AS floor_counts FROM buildings GROUP BY site_id
    ), reported AS (${reportedSql(stream)}
    ), sized AS (
      SELECT reported.*, as_of, ${chance(stream, 'n', 'fate')} AS fate,
        ${pickWeighted(chance(stream, 'n', 'priority'), PRIORITIES)} AS priority,
        pace * (1.1 - 0.25 * date_diff('day', first_day, created_at) / 731) AS slowness
      FROM reported, span
    ), timed AS (
      SELECT *,
        (CASE priority ${medians.join(' ')} END) * slowness * exp(0.85 * ${luck}) AS duration_hours,
        created_at + to_hours(3 * (CASE priority ${medians.join(' ')} END)) AS due_at
      FROM sized
    ), scheduled AS (
      SELECT *, created_at + ${seconds(`60 + 3600 * duration_hours`)} AS completed_at,
        created_at + ${seconds(`30 + 3600 * duration_hours * (0.05 + 0.6 * ${chance(stream, 'n', 'start')})`)} AS started_at
      FROM timed
    ), fates AS (
      SELECT *, CASE
        WHEN fate < 0.03 AND completed_at <= as_of THEN 'cancelled'
        WHEN completed_at <= as_of AND fate >= 0.045 THEN 'completed'
        WHEN started_at <= as_of AND fate >= 0.037 THEN 'in_progress'
        ELSE 'pending' END AS status
      FROM scheduled
    )`;
}

function position(stream: WorkStream): string {
  return `(1 + CAST(floor(building_count * pow(${chance(stream, 'n', 'building')}, 1.4)) AS INTEGER))`;
}

function buildingId(stream: WorkStream): string {
  return `site_id * 10 + ${position(stream)}`;
}

function floor(stream: WorkStream): string {
  return `CAST(floor(floor_counts[${position(stream)}] * ${chance(stream, 'n', 'floor')}) AS INTEGER)`;
}
