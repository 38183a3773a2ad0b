-- Plain
SELECT 1 AS one;
SELECT * FROM tasks;
FROM tasks;
FROM sites SELECT name;
SELECT count(*) FROM tasks WHERE site_id = $1; -- [1]
SELECT title FROM tasks WHERE status = $1 AND hours > $2; -- ["open", 2]
SELECT title FROM tasks WHERE created >= $1::DATE; -- ["2026-01-06"]
SELECT t.title FROM main.tasks AS t ORDER BY t.title LIMIT 2;
SELECT * FROM TASKS WHERE ID = 1;
TABLE sites;
SELECT "Id", "select" FROM "Odd Names";
SELECT "the id" FROM "Odd View" ORDER BY 1;
SELECT * FROM "odd names";
SELECT * FROM memory.main.sites;
SELECT * FROM memory.sites;
SELECT * FROM memory.audit.log;
SELECT * FROM "dotted.name";
SELECT * EXCLUDE (id) FROM tasks ORDER BY title;
SELECT * REPLACE (upper(name) AS name) FROM sites ORDER BY id;
SELECT COLUMNS('^n') FROM sites ORDER BY ALL;
SELECT min(COLUMNS(*)) FROM prices;
SELECT status, sum(hours) FROM tasks GROUP BY ALL HAVING sum(hours) > 1 ORDER BY ALL;
SELECT site_id, status, count(*) FROM tasks GROUP BY CUBE (site_id, status) ORDER BY ALL;
SELECT DISTINCT ON (site_id) site_id, title FROM tasks ORDER BY site_id, created DESC;
SELECT region, count(*) FILTER (name LIKE 'N%') FROM sites GROUP BY ROLLUP (region) ORDER BY ALL;
SELECT quantile_cont(hours, 0.5), arg_max(title, hours), mode(status) FROM tasks;
SELECT string_agg(name, ',' ORDER BY name) FROM people;
SELECT list(name ORDER BY name) FROM people;
SELECT CASE WHEN count(*) > 3 THEN 'many' ELSE 'few' END FROM people;
SELECT date_trunc('month', created) AS month, sum(hours) FROM tasks GROUP BY month ORDER BY month;
SELECT strftime(created, '%Y-%m') AS month, count(*) FROM tasks GROUP BY 1 ORDER BY 1;
SELECT title, hours::INT AS h, h * 2 AS double FROM tasks ORDER BY id;
SELECT count(*) FROM tasks USING SAMPLE 100 PERCENT (bernoulli, 1);
SELECT count(*) FROM tasks TABLESAMPLE 100%;
SELECT max(amount) FROM prices WHERE code IN ('open', 'east');
SELECT count(*) FROM tasks t WHERE t.hours BETWEEN 2 AND 8;
SELECT t FROM tasks t ORDER BY t.id;
SELECT size.w, size['h'] FROM notes ORDER BY task_id;

-- Joins
SELECT t.title, s.name FROM tasks t JOIN sites s ON s.id = t.site_id ORDER BY t.id;
SELECT s.name, count(t.id) FROM sites s LEFT JOIN tasks t ON t.site_id = s.id GROUP BY s.name ORDER BY 1;
SELECT count(*) FROM tasks t RIGHT JOIN people p ON p.site_id = t.site_id;
SELECT s.id, p.name FROM sites s FULL JOIN people p ON p.site_id = s.id ORDER BY ALL;
SELECT count(*) FROM tasks CROSS JOIN prices;
SELECT count(*) FROM tasks, people WHERE tasks.site_id = people.site_id;
SELECT name, title FROM people JOIN tasks USING (site_id) ORDER BY ALL;
SELECT count(*) FROM people NATURAL JOIN (SELECT site_id, title FROM tasks) t;
SELECT a.name, b.name AS boss FROM people a JOIN people b ON b.id = a.boss ORDER BY 1;
SELECT t.title, l.at FROM tasks t JOIN audit.log l ON l.task_id = t.id ORDER BY 1;
SELECT t.id, a.note FROM tasks t JOIN audit.tasks a USING (id);
SELECT name FROM sites SEMI JOIN tasks ON tasks.site_id = sites.id ORDER BY 1;
SELECT name FROM sites ANTI JOIN people ON people.site_id = sites.id ORDER BY 1;
SELECT l.id, r.rate FROM audit.log l ASOF JOIN rates r ON l.at >= r.since ORDER BY 1;
SELECT * FROM sites POSITIONAL JOIN wide;
SELECT s.name, t.title, p.name FROM sites s JOIN (tasks t JOIN people p USING (site_id)) ON s.id = site_id ORDER BY ALL;
SELECT s.region, p.amount FROM sites s JOIN prices p ON p.code = s.region;

-- Sub-queries
SELECT name, (SELECT count(*) FROM tasks WHERE site_id = sites.id) FROM sites ORDER BY id;
SELECT name FROM sites WHERE EXISTS (SELECT 1 FROM tasks WHERE site_id = sites.id AND status = 'done') ORDER BY 1;
SELECT name FROM sites WHERE NOT EXISTS (FROM people WHERE site_id = sites.id) ORDER BY 1;
SELECT title FROM tasks WHERE site_id IN (SELECT site_id FROM people) ORDER BY 1;
SELECT title FROM tasks WHERE site_id NOT IN (FROM people SELECT site_id) ORDER BY 1;
SELECT title FROM tasks WHERE hours > ALL (SELECT amount - 9 FROM prices) ORDER BY 1;
SELECT title FROM tasks WHERE hours >= ANY (SELECT amount FROM prices) ORDER BY 1;
SELECT ARRAY(SELECT name FROM people ORDER BY name);
SELECT * FROM (SELECT * FROM (SELECT id, title FROM tasks) a) b ORDER BY id;
SELECT title FROM tasks ORDER BY (SELECT max(amount) FROM prices WHERE code = tasks.status) DESC NULLS LAST, id;
SELECT title FROM tasks ORDER BY id LIMIT (SELECT count(*) - 1 FROM sites);
SELECT title FROM tasks WHERE hours > (SELECT avg(hours) FROM tasks) ORDER BY 1;
SELECT (SELECT (SELECT max(amount) FROM prices) + count(*) FROM people);
SELECT CASE WHEN EXISTS (FROM people) THEN (SELECT max(name) FROM sites) END;
SELECT count(*) FILTER (site_id IN (SELECT id FROM sites WHERE region = 'west')) FROM tasks;
SELECT (SELECT count(*) FROM audit.log l WHERE l.at > '2026-01-15') AS log, (SELECT count(*) FROM audit.tasks) AS tasks;
SELECT {a: (SELECT max(name) FROM people), b: [(SELECT count(*) FROM sites)]};
SELECT list_transform((SELECT list(id) FROM people), lambda x: x + 1);
SELECT [x + 1 FOR x IN (SELECT list(id) FROM sites)];
SELECT list_filter((SELECT list(name ORDER BY id) FROM people), lambda n: n <> 'Bob');

-- LATERAL, VALUES, functions in FROM
SELECT s.name, l.title FROM sites s, LATERAL (SELECT title FROM tasks WHERE site_id = s.id ORDER BY id LIMIT 1) l ORDER BY 1;
SELECT s.name, l.n FROM sites s LEFT JOIN LATERAL (SELECT count(*) AS n FROM people WHERE site_id = s.id) l ON true ORDER BY 1;
SELECT v.x, t.title FROM (VALUES (1), (2)) v (x) JOIN tasks t ON t.id = v.x ORDER BY 1;
VALUES (1, 'a'), (2, 'b');
VALUES ((SELECT count(*) FROM people));
SELECT g, (SELECT count(*) FROM tasks WHERE site_id = g) FROM generate_series(1, 3) t (g) ORDER BY 1;
SELECT r FROM range(3) t (r);
SELECT d, count(t.id) FROM range(DATE '2026-01-01', DATE '2026-03-01', INTERVAL 1 MONTH) r (d) LEFT JOIN tasks t ON date_trunc('month', t.created) = d GROUP BY d ORDER BY d;
SELECT unnest([1, 2]), unnest(['a', 'b']);
SELECT u.tag, count(*) FROM notes, unnest(tags) u (tag) GROUP BY 1 ORDER BY 1;
SELECT task_id, unnest(tags) FROM notes ORDER BY ALL;
SELECT body ->> '$.size' FROM notes ORDER BY task_id;
SELECT json_extract_string(body, '$.tags[0]') FROM notes ORDER BY task_id;
SELECT j.key, count(*) FROM notes, json_each(body) j GROUP BY 1 ORDER BY 1;
SELECT json_group_array(name) FROM (SELECT name FROM sites ORDER BY id);
SELECT to_json(p) FROM people p ORDER BY id;
SELECT json_object('n', max(amount)) FROM prices;
SELECT string_split(title, 'i') FROM tasks ORDER BY id;
SELECT regexp_split_to_table('a,b', ',');
SELECT * FROM repeat_row(1, 'x', num_rows = 2);

-- PIVOT and UNPIVOT
SELECT * FROM (PIVOT tasks ON status IN ('open', 'done') USING count(*) GROUP BY site_id) ORDER BY ALL;
SELECT * FROM (UNPIVOT wide ON jan, feb INTO NAME month VALUE amount) ORDER BY ALL;
SELECT * FROM tasks PIVOT (sum(hours) FOR status IN ('open', 'done') GROUP BY site_id) ORDER BY ALL;
SELECT * FROM wide UNPIVOT (amount FOR month IN (jan, feb)) ORDER BY ALL;

-- Set operations
SELECT id FROM tasks UNION SELECT id FROM sites ORDER BY 1;
SELECT id FROM tasks UNION ALL SELECT id FROM people UNION ALL SELECT id FROM sites ORDER BY 1;
SELECT id, name FROM sites UNION ALL BY NAME SELECT name, id FROM people ORDER BY ALL;
SELECT id FROM sites EXCEPT SELECT site_id FROM people ORDER BY 1;
SELECT id FROM sites INTERSECT SELECT site_id FROM tasks ORDER BY 1;
(SELECT name FROM sites ORDER BY name LIMIT 1) UNION ALL (SELECT name FROM people ORDER BY name LIMIT 1) ORDER BY 1;
SELECT count(*) FROM (SELECT id FROM tasks EXCEPT (SELECT id FROM people UNION SELECT task_id FROM notes)) x;
WITH x AS (SELECT id FROM sites) SELECT id FROM x UNION ALL SELECT task_id FROM audit.log ORDER BY 1;

-- Common table expressions and shadowing
WITH x AS (SELECT * FROM tasks) SELECT count(*) FROM x;
WITH people AS (SELECT * FROM tasks) SELECT count(*) FROM people;
WITH tasks AS (SELECT * FROM tasks WHERE status = 'open') SELECT count(*) FROM tasks;
WITH tasks AS (SELECT 1 AS id) SELECT count(*) FROM tasks;
WITH tasks AS (SELECT 1 AS id) SELECT count(*) FROM main.tasks;
WITH Tasks AS (SELECT 1 AS id) SELECT count(*) FROM TASKS;
WITH x AS (SELECT * FROM tasks), y AS (SELECT * FROM x JOIN sites s ON s.id = x.site_id) SELECT count(*) FROM y;
WITH a AS (SELECT count(*) AS n FROM sites), b AS (SELECT n FROM a) SELECT b.n + (SELECT count(*) FROM people) FROM b;
SELECT (WITH sites AS (SELECT 1 AS id) SELECT count(*) FROM sites) + (SELECT count(*) FROM sites);
SELECT * FROM (WITH people AS (SELECT name FROM sites) SELECT name FROM people) x ORDER BY 1;
SELECT * FROM (WITH people AS (SELECT * FROM tasks) SELECT count(*) FROM people), (SELECT max(name) FROM people);
WITH RECURSIVE down AS (SELECT id, name FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, t.name FROM tree t JOIN down d ON t.parent = d.id) SELECT * FROM down ORDER BY id;
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT count(*) FROM sites)) SELECT max(i) FROM n;
WITH x AS MATERIALIZED (SELECT site_id FROM tasks) SELECT count(*) FROM x a JOIN x b USING (site_id);
WITH x AS NOT MATERIALIZED (SELECT name FROM people) SELECT max(name) FROM x;
WITH a AS (WITH b AS (SELECT max(amount) AS m FROM prices) SELECT m FROM b) SELECT m FROM a;
WITH log AS (SELECT 1 AS id) SELECT count(*) FROM audit.log a, log;
WITH unused AS (SELECT * FROM prices) SELECT count(*) FROM sites;
WITH sites (id) AS (VALUES (1)) SELECT count(*) FROM sites JOIN people ON people.site_id = sites.id;

-- Windows
SELECT title, row_number() OVER (PARTITION BY site_id ORDER BY created, id) FROM tasks ORDER BY id;
SELECT name, lag(name) OVER w FROM people WINDOW w AS (ORDER BY name) ORDER BY name;
SELECT site_id, sum(hours) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM tasks ORDER BY id;
SELECT title FROM tasks QUALIFY row_number() OVER (PARTITION BY site_id ORDER BY hours DESC) = 1 ORDER BY 1;
SELECT region, rank() OVER (ORDER BY (SELECT count(*) FROM tasks WHERE site_id = sites.id) DESC) FROM sites ORDER BY id;

-- Views
SELECT * FROM open_tasks ORDER BY id;
SELECT * FROM site_load ORDER BY id;
SELECT * FROM region_load ORDER BY 1;
SELECT count(*) FROM both_tasks;
SELECT * FROM with_cte ORDER BY 1;
SELECT * FROM nested ORDER BY region;
SELECT * FROM app.both ORDER BY ALL;
SELECT * FROM recursive_tree ORDER BY id;
SELECT * FROM with_macro ORDER BY id;
SELECT * FROM with_table_macro;
SELECT r.area, p.amount FROM region_load r JOIN prices p ON p.code = r.area ORDER BY 1;
WITH site_load AS (SELECT 1 AS id) SELECT * FROM site_load;
WITH tasks AS (SELECT 1 AS id) SELECT count(*) FROM open_tasks, tasks;
SELECT name FROM site_load WHERE open_count > 0 ORDER BY 1;
SELECT count(*) FROM open_tasks o WHERE EXISTS (FROM both_tasks b WHERE b.id = o.id AND b.text = 'seen');

-- Macros
SELECT open_count(1);
SELECT name, open_count(id) FROM sites ORDER BY id;
SELECT OPEN_COUNT($1); -- [1]
SELECT top_price(), main.top_price();
SELECT twice();
SELECT plus(1), plus(1, 2);
SELECT plus(count(*)) FROM people;
SELECT amount(1);
SELECT amount(1, 'open');
SELECT title FROM tasks_of(1) ORDER BY 1;
SELECT * FROM load_of(1);
SELECT name FROM rows_of(1) ORDER BY 1;
SELECT name FROM rows_of(1, least := 99) ORDER BY 1;
SELECT app.label_of(1);
SELECT * FROM over_macro(1) ORDER BY 1;
SELECT s.name FROM sites s WHERE top_price() > 5 ORDER BY 1;
WITH tasks AS (SELECT 1 AS site_id, 'open' AS status FROM people) SELECT open_count(1);
SELECT title.upper() FROM tasks ORDER BY 1;
SELECT (1).open_count();

-- What no table tells of
SELECT * FROM any_table('sites');
SELECT * FROM query('SELECT * FROM people ORDER BY id');
SELECT count(*) FROM query_table(['audit.log']);
SELECT count(*) FROM duckdb_tables();
SELECT count(*) FROM system_names;
SELECT count(*) FROM information_schema.tables;
SELECT count(*) FROM pragma_table_info('tasks');
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT count(*) FROM sites'));

-- Over: the planner can do without
SELECT title FROM tasks WHERE false;
SELECT count(*) FROM tasks WHERE $1::BOOL OR site_id IN (SELECT id FROM sites); -- [false]
SELECT x.title FROM (SELECT title, (SELECT max(amount) FROM prices) AS unused FROM tasks) x ORDER BY 1;
