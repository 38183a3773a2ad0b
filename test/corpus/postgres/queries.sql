-- Plain
SELECT 1 AS one;
SELECT * FROM tasks;
SELECT count(*) FROM tasks WHERE site_id = $1; -- [1]
SELECT title FROM tasks WHERE status = $1 AND hours > $2; -- ["open", 2]
SELECT title FROM tasks WHERE created >= $1::date AND created < $2::date; -- ["2026-01-01", "2026-02-01"]
SELECT t.title FROM public.tasks AS t ORDER BY t.title LIMIT 2;
SELECT * FROM TASKS WHERE ID = 1;
TABLE sites;
SELECT "Id", "select" FROM "Odd Names";
SELECT "the id" FROM "Odd View" ORDER BY 1;
SELECT * FROM shop.public.sites;
SELECT status, sum(hours) FROM tasks GROUP BY status HAVING sum(hours) > 1 ORDER BY 1;
SELECT site_id, status, count(*) FROM tasks GROUP BY GROUPING SETS ((site_id), (status), ()) ORDER BY 1, 2;
SELECT DISTINCT ON (site_id) site_id, title FROM tasks ORDER BY site_id, created DESC, title;
SELECT region, count(*) FILTER (WHERE name LIKE 'N%') FROM sites GROUP BY ROLLUP (region) ORDER BY 1;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FROM tasks;
SELECT string_agg(name, ',' ORDER BY name) FROM people;
SELECT CASE WHEN count(*) > 2 THEN 'many' ELSE 'few' END FROM people;
SELECT extract(month FROM created) AS month, count(*) FROM tasks GROUP BY 1 ORDER BY 1;
SELECT date_trunc('month', created) AS month, sum(hours) FROM tasks GROUP BY month ORDER BY month;
SELECT to_char(created, 'YYYY-MM') AS month, count(*) FROM tasks GROUP BY 1 ORDER BY 1;
SELECT coalesce(sum(amount), 0), greatest(max(amount), 3), nullif(count(*), 0) FROM prices;
SELECT * FROM tasks TABLESAMPLE BERNOULLI (100) REPEATABLE (1);
SELECT count(*) FROM tasks OFFSET 0 FETCH FIRST 1 ROW ONLY;

-- Joins
SELECT t.title, s.name FROM tasks t JOIN sites s ON s.id = t.site_id ORDER BY t.id;
SELECT s.name, count(t.id) FROM sites s LEFT JOIN tasks t ON t.site_id = s.id GROUP BY s.name ORDER BY 1;
SELECT count(*) FROM tasks t RIGHT JOIN people p ON p.site_id = t.site_id;
SELECT s.id, p.name FROM sites s FULL JOIN people p ON p.site_id = s.id ORDER BY 1, 2;
SELECT count(*) FROM tasks CROSS JOIN prices;
SELECT count(*) FROM tasks, people WHERE tasks.site_id = people.site_id;
SELECT name, title FROM people JOIN tasks USING (site_id) ORDER BY 1, 2;
SELECT count(*) FROM people NATURAL JOIN (SELECT site_id, title FROM tasks) t;
SELECT a.name, b.name AS boss FROM people a JOIN people b ON b.id = a.boss ORDER BY 1;
SELECT t.title, l.at FROM tasks t JOIN audit.log l ON l.task_id = t.id ORDER BY 1;
SELECT t.id, a.note FROM tasks t JOIN audit.tasks a ON a.id = t.id;
SELECT t.title, p.amount FROM tasks t JOIN prices p ON p.code = t.status ORDER BY t.id;
SELECT s.region, p.amount FROM sites s JOIN prices p ON p.code = s.region;
SELECT (j.x).name FROM (SELECT s AS x FROM sites s) j ORDER BY 1;
SELECT s.name, t.title, p.name FROM sites s JOIN (tasks t JOIN people p USING (site_id)) ON s.id = site_id ORDER BY 1, 2, 3;

-- Sub-queries
SELECT name, (SELECT count(*) FROM tasks WHERE site_id = sites.id) FROM sites ORDER BY id;
SELECT name FROM sites WHERE EXISTS (SELECT 1 FROM tasks WHERE site_id = sites.id AND status = 'done') ORDER BY 1;
SELECT name FROM sites WHERE NOT EXISTS (SELECT FROM people WHERE site_id = sites.id) ORDER BY 1;
SELECT title FROM tasks WHERE site_id IN (SELECT site_id FROM people) ORDER BY 1;
SELECT title FROM tasks WHERE (site_id, status) IN (SELECT site_id, 'open' FROM people) ORDER BY 1;
SELECT title FROM tasks WHERE hours > ALL (SELECT amount - 9 FROM prices) ORDER BY 1;
SELECT title FROM tasks WHERE hours >= ANY (SELECT amount FROM prices) ORDER BY 1;
SELECT ARRAY(SELECT name FROM people ORDER BY name);
SELECT * FROM (SELECT * FROM (SELECT id, title FROM tasks) a) b ORDER BY id;
SELECT title FROM tasks ORDER BY (SELECT max(amount) FROM prices WHERE code = tasks.status) DESC NULLS LAST, id;
SELECT count(*) FROM tasks LIMIT (SELECT count(*) FROM sites);
SELECT count(*) FROM tasks GROUP BY (SELECT max(name) FROM sites);
SELECT title FROM tasks WHERE hours > (SELECT avg(hours) FROM tasks) ORDER BY 1;
SELECT (SELECT (SELECT max(amount) FROM prices) + count(*) FROM people);
SELECT name FROM sites s WHERE id = (SELECT site_id FROM tasks t WHERE t.site_id = s.id AND EXISTS (SELECT FROM notes n WHERE n.task_id = t.id)) ORDER BY 1;
SELECT CASE WHEN EXISTS (SELECT FROM people) THEN (SELECT max(name) FROM sites) END;
SELECT count(*) FILTER (WHERE site_id IN (SELECT id FROM sites WHERE region = 'west')) FROM tasks;
SELECT (SELECT count(*) FROM audit.log WHERE at > '2026-01-15') AS log, (SELECT count(*) FROM audit.tasks) AS tasks;
SELECT ROW((SELECT max(name) FROM people), 2)::text;

-- LATERAL, VALUES, functions in FROM
SELECT s.name, l.title FROM sites s, LATERAL (SELECT title FROM tasks WHERE site_id = s.id ORDER BY id LIMIT 1) l ORDER BY 1;
SELECT s.name, l.n FROM sites s LEFT JOIN LATERAL (SELECT count(*) AS n FROM people WHERE site_id = s.id) l ON true ORDER BY 1;
SELECT v.x, t.title FROM (VALUES (1), (2)) v (x) JOIN tasks t ON t.id = v.x ORDER BY 1;
VALUES (1, 'a'), (2, 'b');
VALUES ((SELECT count(*) FROM people));
SELECT g, (SELECT count(*) FROM tasks WHERE site_id = g) FROM generate_series(1, 3) g;
SELECT d::date, count(t.id) FROM generate_series('2026-01-01'::timestamp, '2026-02-01', '1 month') d LEFT JOIN tasks t ON date_trunc('month', t.created) = d GROUP BY 1 ORDER BY 1;
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) WITH ORDINALITY AS u (a, b, n);
SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['x', 'y'])) AS r (a, b);
SELECT tag, count(*) FROM notes, jsonb_array_elements_text(body -> 'tags') tag GROUP BY tag ORDER BY 1;
SELECT * FROM regexp_split_to_table('a,b', ',');
SELECT x.* FROM jsonb_to_recordset('[{"a": 1}]') AS x (a int);
SELECT n.task_id, j.size FROM notes n, jsonb_to_record(n.body) AS j (size int) ORDER BY 1;
SELECT jt.size FROM notes, JSON_TABLE(body, '$' COLUMNS (size int PATH '$.size')) jt ORDER BY 1;
SELECT max((body ->> 'size')::int) FROM notes;
SELECT jsonb_agg(jsonb_build_object('n', name, 'r', region) ORDER BY id) FROM sites;
SELECT json_object_agg(code, amount ORDER BY code) FROM prices;
SELECT row_to_json(t) FROM tasks t WHERE id = 1;
SELECT to_jsonb(p) - 'id' FROM people p ORDER BY id;
SELECT body @? '$.tags[*] ? (@ == "a")' FROM notes ORDER BY task_id;
SELECT (xpath('/a/text()', xmlelement(name a, s.name)))[1]::text FROM sites s ORDER BY 1;
SELECT x.name FROM people, XMLTABLE('/p' PASSING xmlelement(name p, people.name) COLUMNS name text PATH '.') x ORDER BY 1;

-- Set operations
SELECT id FROM tasks UNION SELECT id FROM sites ORDER BY 1;
SELECT id FROM tasks UNION ALL SELECT id FROM people UNION ALL SELECT id FROM sites ORDER BY 1;
SELECT id FROM sites EXCEPT SELECT site_id FROM people ORDER BY 1;
SELECT id FROM sites INTERSECT SELECT site_id FROM tasks ORDER BY 1;
(SELECT name FROM sites ORDER BY name LIMIT 1) UNION ALL (SELECT name FROM people ORDER BY name LIMIT 1);
SELECT count(*) FROM (SELECT id FROM tasks EXCEPT (SELECT id FROM people UNION SELECT task_id FROM notes)) x;
WITH x AS (SELECT id FROM sites) SELECT id FROM x UNION ALL SELECT task_id FROM audit.log ORDER BY 1;

-- Common table expressions and shadowing
WITH x AS (SELECT * FROM tasks) SELECT count(*) FROM x;
WITH people AS (SELECT * FROM tasks) SELECT count(*) FROM people;
WITH tasks AS (SELECT * FROM tasks WHERE status = 'open') SELECT count(*) FROM tasks;
WITH tasks AS (SELECT 1 AS id) SELECT count(*) FROM tasks;
WITH tasks AS (SELECT 1 AS id) SELECT count(*) FROM public.tasks;
WITH x AS (SELECT * FROM tasks), y AS (SELECT * FROM x JOIN sites s ON s.id = x.site_id) SELECT count(*) FROM y;
WITH a AS (SELECT count(*) AS n FROM sites), b AS (SELECT n FROM a) SELECT b.n + (SELECT count(*) FROM people) FROM b;
SELECT (WITH sites AS (SELECT 1 AS id) SELECT count(*) FROM sites) + (SELECT count(*) FROM sites);
SELECT * FROM (WITH people AS (SELECT name FROM sites) SELECT name FROM people) x ORDER BY 1;
WITH RECURSIVE down AS (SELECT id, name FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, t.name FROM tree t JOIN down d ON t.parent = d.id) SELECT * FROM down ORDER BY id;
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT count(*) FROM sites)) SELECT max(i) FROM n;
WITH RECURSIVE later AS (SELECT * FROM sites), sites AS (SELECT name FROM people) SELECT count(*), max(name) FROM later;
WITH RECURSIVE down AS (SELECT id, parent FROM tree WHERE id = 1 UNION ALL SELECT t.id, t.parent FROM tree t JOIN down d ON t.parent = d.id) SEARCH DEPTH FIRST BY id SET path SELECT id FROM down ORDER BY path;
WITH x AS MATERIALIZED (SELECT site_id FROM tasks) SELECT count(*) FROM x a JOIN x b USING (site_id);
WITH x AS NOT MATERIALIZED (SELECT name FROM people) SELECT max(name) FROM x;
WITH a AS (WITH b AS (SELECT max(amount) AS m FROM prices) SELECT m FROM b) SELECT m FROM a;
WITH log AS (SELECT 1 AS id) SELECT count(*) FROM audit.log a, log;
WITH unused AS (SELECT * FROM prices) SELECT count(*) FROM sites;

-- Windows
SELECT title, row_number() OVER (PARTITION BY site_id ORDER BY created, id) FROM tasks ORDER BY id;
SELECT name, lag(name) OVER w FROM people WINDOW w AS (ORDER BY name) ORDER BY name;
SELECT site_id, sum(hours) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM tasks ORDER BY id;
SELECT region, rank() OVER (ORDER BY (SELECT count(*) FROM tasks WHERE site_id = sites.id) DESC) FROM sites ORDER BY id;
SELECT first_value(code) OVER (ORDER BY amount DESC) FROM prices;

-- Views
SELECT * FROM open_tasks ORDER BY id;
SELECT * FROM site_load ORDER BY id;
SELECT * FROM region_load ORDER BY 1;
SELECT count(*) FROM both_tasks;
SELECT * FROM with_cte ORDER BY 1;
SELECT * FROM nested ORDER BY region;
SELECT r.region, p.amount FROM region_load r JOIN prices p ON p.code = r.region ORDER BY 1;
WITH site_load AS (SELECT 1 AS id) SELECT * FROM site_load;
SELECT * FROM recursive_tree ORDER BY id;
SELECT * FROM with_function ORDER BY id;
SELECT * FROM app.tasks_view ORDER BY id;
SELECT count(*) FROM open_tasks o WHERE EXISTS (SELECT FROM both_tasks b WHERE b.id = o.id AND b.text = 'seen');
SELECT name FROM site_load WHERE open_count > 0 ORDER BY 1;

-- Materialised views
SELECT * FROM task_totals ORDER BY 1;
SELECT * FROM busiest;
SELECT s.name, t.total FROM sites s LEFT JOIN task_totals t ON t.site_id = s.id ORDER BY 1;

-- Partitions and inheritance
SELECT count(*) FROM events;
SELECT kind, count(*) FROM events GROUP BY kind ORDER BY 1;
SELECT count(*) FROM events WHERE at >= '2026-01-01';
SELECT count(*) FROM events WHERE at >= $1::date; -- ["2025-01-01"]
SELECT count(*) FROM events WHERE at < '2026-01-01' AND kind = 'a';
SELECT * FROM events_old ORDER BY id;
SELECT count(*) FROM events_new;
SELECT count(*) FROM events_new_a;
SELECT count(*) FROM new_events;
SELECT count(*) FROM ONLY events;
SELECT e.kind, p.amount FROM events e JOIN prices p ON p.code <> e.kind ORDER BY 1, 2;
SELECT count(*), sum(value) FROM measures;
SELECT count(*), sum(value) FROM ONLY measures;
SELECT sum(value) FROM only_measures;
SELECT sum(value) FROM measures_hot;

-- Functions
SELECT open_count(1);
SELECT name, open_count(id) FROM sites ORDER BY id;
SELECT newest_note();
SELECT title FROM tasks_of(1);
SELECT s.name, t.title FROM sites s, tasks_of(s.id) t ORDER BY 1, 2;
SELECT load_of(1);
SELECT amount('open'::text);
SELECT amount(1);
SELECT priced(2);
SELECT priced(2, 3);
SELECT people_count();
SELECT busy(1);
SELECT by_text('sites');
SELECT name FROM rows_of(1) ORDER BY 1;
SELECT label_in_app(1);
SELECT whisper();
SELECT lying();
SELECT title FROM tasks WHERE hours > lying() / 10 ORDER BY 1;
SELECT t.note_count FROM tasks t ORDER BY id;
SELECT (t).note_count FROM tasks t ORDER BY id;
SELECT note_count(t) FROM tasks t ORDER BY id;
SELECT outer_call(1);
SELECT as_xml()::text;
SELECT * FROM with_xml;
SELECT plain(1), public.plain(2);
SELECT plain(count(*)::int) FROM people;
SELECT price_sum(status) FROM tasks;
SELECT price_sum(region) OVER (ORDER BY id) FROM sites;
SELECT 'dark'::text === 'on';
SELECT name FROM app.flags WHERE name OPERATOR(public.===) 'on' ORDER BY 1;
SELECT 5::site_number;
SELECT query_to_xml('SELECT * FROM people', false, false, '')::text;
SELECT table_to_xml('prices', false, false, '')::text;
SELECT * FROM ts_stat('SELECT to_tsvector(''simple'', title) FROM tasks') ORDER BY word;
SELECT count(*) FROM tasks WHERE to_tsvector('simple', title) @@ to_tsquery('simple', 'paint');

-- Row security
SELECT sum(balance) FROM accounts;
SELECT * FROM invoker ORDER BY id;
SELECT sum(balance) FROM definer;
SELECT a.owner, p.name FROM accounts a LEFT JOIN people p ON lower(p.name) = a.owner ORDER BY 1;

-- What no table tells of
SELECT last_value FROM tickets;
SELECT relname FROM pg_class WHERE relname = 'tasks';
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public';
SELECT count(*) FROM system_names;
SELECT pg_relation_size('sites') > 0;
SELECT has_table_privilege('tasks', 'SELECT'), count(*) FROM tasks;

-- Over: the planner can do without
SELECT t.title FROM tasks t LEFT JOIN sites s ON s.id = t.site_id ORDER BY 1;
SELECT title FROM tasks WHERE false;
SELECT count(*) FROM tasks WHERE $1::bool OR site_id IN (SELECT id FROM sites); -- [false]
