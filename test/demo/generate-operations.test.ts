import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { generateOperations } from '../../demo/generate-operations.js';
import { tempFolder } from '../helpers/temp-folder.js';

const NOW_MS = Date.UTC(2026, 5, 15, 12, 34, 56);
const TABLES = ['sites', 'buildings', 'people', 'tasks', 'work_orders', 'attendance', 'demo_info'];

/** Rows of one query as arrays of numbers. */
async function numbers(path: string, sql: string): Promise<number[][]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const rows = (await connection.runAndReadAll(sql)).getRows();
    connection.closeSync();
    return rows.map((row) => row.map(Number));
  } finally {
    instance.closeSync();
  }
}

function checksums(path: string): Promise<number[][]> {
  return numbers(
    path,
    TABLES.map((table) => `SELECT sum(hash(t)) % 1000000007, count(*) FROM ${table} t`).join(' UNION ALL '),
  );
}

async function generate(path: string, nowMs: number): Promise<string[]> {
  const lines: string[] = [];
  await generateOperations({ path, nowMs, scale: 0.02, progress: (line) => lines.push(line) });
  return lines;
}

t.test('generated data at a reduced scale', async (t) => {
  const path = join(tempFolder(t), 'a.duckdb');
  const lines = await generate(path, NOW_MS);
  const one = async (sql: string): Promise<number[]> => (await numbers(path, sql))[0] ?? [];

  t.test('progress names each step', async (t) => {
    t.match(lines, [/8 sites and 100 people/, /20,000 tasks/, /4,000 work orders/, /attendance/, /database/]);
  });

  t.test('the same hour gives the same rows, in the same order, another hour others', async (t) => {
    const again = join(tempFolder(t), 'b.duckdb');
    const later = join(tempFolder(t), 'c.duckdb');
    await generate(again, NOW_MS - 20 * 60_000);
    await generate(later, NOW_MS + 3_600_000);
    const first = await checksums(path);
    t.equal(first.length, TABLES.length);
    t.same(await checksums(again), first);
    t.not((await checksums(later))[3]?.[0], first[3]?.[0]);
    const order = 'SELECT sum(rowid * (id % 1009)) FROM tasks';
    t.same(await numbers(again, order), await numbers(path, order));
  });

  t.test('the counts are exact', async (t) => {
    const counts = TABLES.slice(0, 5).map((table) => `(SELECT count(*) FROM ${table})`);
    const [sites, buildings, people, tasks, orders] = await one(`SELECT ${counts}`);
    t.same([sites, people, tasks, orders], [8, 100, 20_000, 4_000]);
    t.ok(Number(buildings) >= 8);
    t.same(await one('SELECT count(DISTINCT name), count(DISTINCT id) FROM sites'), [8, 8]);
    t.same(await one('SELECT count(DISTINCT name) FROM people'), [100]);
    t.same(await one('SELECT count(DISTINCT id), min(id), max(id) FROM tasks'), [20_000, 1, 20_000]);
  });

  t.test('the two years up to the hour are covered, and nothing lies in the future', async (t) => {
    for (const table of ['tasks', 'work_orders']) {
      const [first, last, done] = await one(
        `SELECT epoch_ms(min(created_at)), epoch_ms(max(created_at)), epoch_ms(max(completed_at)) FROM ${table}`,
      );
      t.ok(Number(first) >= Date.UTC(2024, 5, 15) && Number(first) < Date.UTC(2024, 5, 18), `${table} begin`);
      t.ok(Number(last) < Date.UTC(2026, 5, 15, 12) && Number(last) > Date.UTC(2026, 5, 14), `${table} end`);
      t.ok(Number(done) <= Date.UTC(2026, 5, 15, 12), `${table} are not completed in the future`);
    }
    const days = await one(
      'SELECT count(DISTINCT day), epoch_ms(min(day)), epoch_ms(max(day)) FROM attendance',
    );
    t.same(days, [730, Date.UTC(2024, 5, 15), Date.UTC(2026, 5, 14)]);
  });

  t.test('work follows office hours, weekends, winters and growth', async (t) => {
    const share = async (condition: string): Promise<number> =>
      (await one(`SELECT avg(CASE WHEN ${condition} THEN 1.0 ELSE 0.0 END) FROM tasks`))[0] ?? 0;
    t.ok((await share('hour(created_at) BETWEEN 7 AND 17')) > 0.8, 'most of it by day');
    const weekend = await share('isodow(created_at) >= 6');
    t.ok(weekend > 0.01 && weekend < 0.1, `weekends are quiet: ${weekend}`);
    t.ok((await share("created_at >= TIMESTAMP '2025-06-15'")) > 0.53, 'the second year has more');
    const inWinter = await share("created_at >= '2025-12-27' AND created_at < '2026-03-01'");
    const inSummer = await share("created_at >= '2025-06-27' AND created_at < '2025-09-01'");
    t.ok(inWinter > 1.1 * inSummer, 'winters have more than summers');
    const [onFriday, onTuesday] = await one(`SELECT
      avg(CASE WHEN status = 'remote' THEN 1.0 ELSE 0 END) FILTER (WHERE isodow(day) = 5),
      avg(CASE WHEN status = 'remote' THEN 1.0 ELSE 0 END) FILTER (WHERE isodow(day) = 2) FROM attendance`);
    t.ok(Number(onFriday) > 1.4 * Number(onTuesday), 'Fridays are worked from home');
  });

  t.test('sites are of very different size, as Zipf has it', async (t) => {
    const counts = (
      await numbers(path, 'SELECT count(*) FROM tasks GROUP BY site_id ORDER BY 1 DESC')
    ).flat();
    t.equal(counts.length, 8);
    t.ok(Number(counts[0]) > 2 * Number(counts[7]), `${counts}`);
  });

  t.test('every row is plausible', async (t) => {
    const none = async (name: string, sql: string): Promise<void> => {
      t.same(await one(`SELECT count(*) ${sql}`), [0], name);
    };
    await none(
      'a completed task has its instants in order',
      `FROM tasks WHERE status = 'completed'
      AND (completed_at IS NULL OR NOT (created_at < started_at AND started_at < completed_at))`,
    );
    await none(
      'only a completed task is completed',
      `FROM tasks WHERE status <> 'completed' AND completed_at IS NOT NULL`,
    );
    await none(
      'a pending task is not begun',
      `FROM tasks WHERE status = 'pending' AND started_at IS NOT NULL`,
    );
    await none('it is due after it was made', 'FROM tasks WHERE due_at <= created_at');
    await none(
      'its assignee works at its site',
      `FROM tasks t LEFT JOIN people p ON p.id = t.assignee_id
      WHERE p.site_id IS DISTINCT FROM t.site_id`,
    );
    await none(
      'its building stands at its site and has its floor',
      `FROM tasks t LEFT JOIN buildings b ON b.id = t.building_id
      WHERE b.site_id IS DISTINCT FROM t.site_id OR t.floor < 0 OR t.floor >= b.floor_count`,
    );
    await none(
      'a title fits its category',
      `FROM (SELECT title FROM tasks GROUP BY title HAVING count(DISTINCT category) > 1)`,
    );
    await none(
      'a completed work order has a cost',
      `FROM work_orders WHERE (status = 'completed') <> COALESCE(cost > 0, false)`,
    );
    await none(
      'hours are worked when present',
      `FROM attendance WHERE (status IN ('on_site', 'remote')) <> (hours > 0)`,
    );
    await none(
      'one row for a person and day',
      'FROM (SELECT 1 FROM attendance GROUP BY person_id, day HAVING count(*) > 1)',
    );
    const statuses = await numbers(path, 'SELECT count(*) FROM tasks GROUP BY status ORDER BY status');
    t.equal(statuses.length, 4, 'cancelled, completed, in_progress, pending');
    const [overdue] = await one(
      `SELECT count(*) FROM tasks WHERE completed_at IS NULL AND status <> 'cancelled' AND due_at < '2026-06-15'`,
    );
    t.ok(Number(overdue) > 50, 'some are overdue');
  });

  t.test('durations are lognormal: the mean well over the median, the logarithms even', async (t) => {
    const [mean, median, skew] = await one(`SELECT avg(h), median(h), skewness(ln(h)) FROM (
      SELECT epoch(completed_at - created_at) / 3600 AS h FROM tasks WHERE priority = 'normal' AND status = 'completed'
        AND created_at < TIMESTAMP '2026-04-01')`);
    t.ok(Number(mean) > 1.25 * Number(median), `${mean} over ${median}`);
    t.ok(Math.abs(Number(skew)) < 0.15, `skewness ${skew}`);
  });

  t.test('the rows of one site lie together', async (t) => {
    t.same(
      await one(
        'SELECT count(*) FROM (SELECT site_id, max(rowid) - min(rowid) + 1 - count(*) AS gap FROM tasks GROUP BY 1) WHERE gap > 0',
      ),
      [0],
    );
  });
});

t.test('a file is there already, then it is not written over', async (t) => {
  const path = join(tempFolder(t), 'a.duckdb');
  await generate(path, NOW_MS);
  await t.rejects(generate(path, NOW_MS));
});
