import { chance, list, pick } from './chance.js';
import type { OperationsSize } from './size.js';
import { BUILDINGS, CITIES, FIRST_NAMES, LAST_NAMES, PLACES, ROLES } from './words.js';

/** Statements for sites, their buildings and people, and `site_shares`: how much of everything falls to each site. */
export function placesSql(size: OperationsSize): readonly string[] {
  return [shares(size), sites(), buildings(), people()];
}

/**
 * Few sites are large and many are small, in the manner of Zipf; which one is which is shuffled. Shares are cut from
 * running integer sums, so they add up to the exact row counts.
 */
function shares(size: OperationsSize): string {
  const cut = (count: number, running: string, total: string): string =>
    `CAST((${count}::BIGINT * ${running}) // ${total} AS BIGINT)`;
  const share = (name: string, count: number, of: string): string => `
    ${cut(count, `(${of}_sum - ${of})`, `${of}_total`)} AS first_${name},
    ${cut(count, `${of}_sum`, `${of}_total`)} - ${cut(count, `(${of}_sum - ${of})`, `${of}_total`)} AS ${name}_count`;
  return `
    CREATE TEMP TABLE site_shares AS
    WITH ranked AS (
      SELECT site_id, row_number() OVER (ORDER BY ${chance('site', 'site_id', 'rank')}) AS size_rank
      FROM range(1, ${size.sitesCount + 1}) AS numbers(site_id)
    ), weighted AS (
      SELECT *,
        CAST(round(1e6 * pow(size_rank + 2, -0.8)) AS BIGINT) AS work,
        CAST(round(1e6 * pow(size_rank + 9, -0.6)) AS BIGINT) AS staff
      FROM ranked
    ), summed AS (
      SELECT *,
        CAST(sum(work) OVER running AS BIGINT) AS work_sum, CAST(sum(work) OVER () AS BIGINT) AS work_total,
        CAST(sum(staff) OVER running AS BIGINT) AS staff_sum, CAST(sum(staff) OVER () AS BIGINT) AS staff_total
      FROM weighted WINDOW running AS (ORDER BY site_id)
    )
    SELECT CAST(site_id AS INTEGER) AS site_id, size_rank,
      greatest(1, least(${BUILDINGS.length}, CAST(round(14 / sqrt(size_rank + 4)) AS INTEGER))) AS building_count,
      0.75 + 0.7 * ${chance('site', 'site_id', 'size')} AS pace,
      ${share('task', size.tasksCount, 'work')},
      ${share('work_order', size.workOrdersCount, 'work')},
      ${share('person', size.peopleCount, 'staff')}
    FROM summed ORDER BY site_id`;
}

function sites(): string {
  const city = `1 + (site_id - 1) % ${CITIES.length}`;
  const place = `1 + ((site_id - 1) // ${CITIES.length} + (site_id - 1)) % ${PLACES.length}`;
  return `
    CREATE TABLE sites (
      id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, city VARCHAR NOT NULL, region VARCHAR NOT NULL,
      kind VARCHAR NOT NULL, opened_on DATE NOT NULL, floor_area_m2 INTEGER NOT NULL
    );
    INSERT INTO sites
    SELECT site_id,
      ${list(CITIES.map(([name]) => name))}[${city}] || ' ' || ${list(PLACES.map(([name]) => name))}[${place}],
      ${list(CITIES.map(([name]) => name))}[${city}],
      ${list(CITIES.map(([, region]) => region))}[${city}],
      ${list(PLACES.map(([, kind]) => kind))}[${place}],
      DATE '1978-03-01' + CAST(floor(14000 * ${chance('site', 'site_id', 'date')}) AS INTEGER),
      CAST(round(90000 / sqrt(size_rank + 3) * (0.8 + 0.4 * ${chance('site', 'site_id', 'hours')})) AS INTEGER)
    FROM site_shares ORDER BY site_id`;
}

function buildings(): string {
  return `
    CREATE TABLE buildings (
      id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL, name VARCHAR NOT NULL, floor_count INTEGER NOT NULL
    );
    INSERT INTO buildings
    SELECT site_id * 10 + position, site_id, ${list(BUILDINGS)}[position],
      2 + CAST(floor((CASE WHEN position = 1 THEN 8 ELSE 4 END) * ${chance('site', 'site_id * 10 + position', 'floor')}) AS INTEGER)
    FROM (SELECT site_id, CAST(unnest(range(1, building_count + 1)) AS INTEGER) AS position FROM site_shares)
    ORDER BY 1`;
}

/** People of one site have consecutive numbers, so that a task finds its assignee by arithmetic. */
function people(): string {
  const nameCount = FIRST_NAMES.length * LAST_NAMES.length;
  // 4,273 is a prime that divides neither list's length: every combination comes up once before one repeats.
  const combination = `(person_id * 4273) % ${nameCount}`;
  return `
    CREATE TABLE people (
      id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL, name VARCHAR NOT NULL, role VARCHAR NOT NULL,
      hired_on DATE NOT NULL
    );
    INSERT INTO people
    SELECT person_id, site_id,
      ${list(FIRST_NAMES)}[1 + (${combination}) % ${FIRST_NAMES.length}] || ' '
        || ${list(LAST_NAMES)}[1 + (${combination}) // ${FIRST_NAMES.length}],
      ${pick(chance('person', 'person_id', 'role'), ROLES)},
      CAST(as_of - INTERVAL 2 YEAR AS DATE) - CAST(floor(4000 * ${chance('person', 'person_id', 'date')}) AS INTEGER)
    FROM (
      SELECT site_id, CAST(first_person + unnest(range(1, person_count + 1)) AS INTEGER) AS person_id
      FROM site_shares
    ), span ORDER BY person_id`;
}
