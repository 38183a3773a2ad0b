CREATE SCHEMA audit;
CREATE SCHEMA app;
CREATE TABLE sites (id int PRIMARY KEY, name text, region text);
CREATE TABLE tasks (id int PRIMARY KEY, site_id int, title text, status text, hours numeric, created date);
CREATE TABLE people (id int PRIMARY KEY, site_id int, name text, boss int);
CREATE TABLE notes (task_id int, body jsonb);
CREATE TABLE prices (code text PRIMARY KEY, amount numeric);
CREATE TABLE "Odd Names" ("Id" int, "select" text);
CREATE TABLE audit.tasks (id int, note text);
CREATE TABLE audit.log (id int, task_id int, at timestamptz);
CREATE TABLE app.tasks (id int, label text);
CREATE TABLE app.flags (name text, is_on bool);
CREATE TABLE events (id int, at date, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_new_a PARTITION OF events_new FOR VALUES IN ('a');
CREATE TABLE events_new_rest PARTITION OF events_new DEFAULT;
CREATE TABLE measures (id int, value numeric);
CREATE TABLE measures_hot (heat int) INHERITS (measures);
CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance numeric);
CREATE TABLE memberships (account_id int, who text);
CREATE TABLE secrets (id int, text text);
CREATE TABLE tree (id int, parent int, name text);

INSERT INTO sites VALUES (1, 'North', 'east'), (2, 'South', 'west'), (3, 'Quay', 'west');
INSERT INTO tasks VALUES (1, 1, 'Paint', 'open', 2.5, '2026-01-05'), (2, 1, 'Sweep', 'done', 1, '2026-01-06'), (3, 2, 'Weld', 'open', 8, '2026-02-01');
INSERT INTO people VALUES (1, 1, 'Ada', NULL), (2, 1, 'Bob', 1), (3, 2, 'Cy', 1);
INSERT INTO notes VALUES (1, '{"tags": ["a", "b"], "size": 3}'), (3, '{"tags": ["c"], "size": 5}');
INSERT INTO prices VALUES ('open', 10), ('done', 4), ('east', 7);
INSERT INTO "Odd Names" VALUES (1, 'one'), (2, 'two');
INSERT INTO audit.tasks VALUES (1, 'seen'), (9, 'gone');
INSERT INTO audit.log VALUES (1, 1, '2026-01-05T10:00:00Z'), (2, 3, '2026-02-01T10:00:00Z');
INSERT INTO app.tasks VALUES (1, 'app one');
INSERT INTO app.flags VALUES ('dark', true), ('beta', false);
INSERT INTO events VALUES (1, '2025-05-01', 'a'), (2, '2026-05-01', 'a'), (3, '2026-06-01', 'b');
INSERT INTO measures VALUES (1, 10);
INSERT INTO measures_hot VALUES (2, 20, 99);
INSERT INTO accounts VALUES (1, 'ada', 100), (2, 'bob', 50);
INSERT INTO memberships VALUES (1, 'reader');
INSERT INTO secrets VALUES (1, 'hush');
INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'leaf');

CREATE MATERIALIZED VIEW task_totals AS SELECT site_id, count(*) AS total, sum(hours) AS hours FROM tasks GROUP BY site_id;
-- From here on a refresh changes it.
INSERT INTO tasks VALUES (4, 3, 'Dig', 'open', 3, '2026-02-02'), (7, 3, 'Fill', 'done', 1, '2026-02-03'), (8, 3, 'Rest', 'done', 1, '2026-02-04');

CREATE VIEW open_tasks AS SELECT * FROM tasks WHERE status = 'open';
CREATE VIEW site_load AS SELECT s.id, s.name, s.region, count(o.id) AS open_count FROM sites s LEFT JOIN open_tasks o ON o.site_id = s.id GROUP BY s.id;
CREATE VIEW region_load AS SELECT region, sum(open_count) AS open_count FROM site_load GROUP BY region;
CREATE VIEW both_tasks AS SELECT id, title AS text FROM tasks UNION ALL SELECT id, note FROM audit.tasks;
CREATE VIEW new_events AS SELECT * FROM events WHERE at >= '2026-01-01';
CREATE VIEW busiest AS SELECT site_id FROM task_totals ORDER BY total DESC LIMIT 1;
CREATE VIEW with_cte AS WITH sites AS (SELECT id, site_id FROM people) SELECT * FROM sites;
CREATE VIEW only_measures AS SELECT * FROM ONLY measures;
CREATE VIEW invoker WITH (security_invoker = true) AS SELECT id, balance FROM accounts;
CREATE VIEW definer AS SELECT id, balance FROM accounts;
CREATE VIEW app.tasks_view AS SELECT * FROM app.tasks;
CREATE VIEW "Odd View" AS SELECT "Id" AS "the id" FROM "Odd Names";
CREATE VIEW nested AS SELECT (SELECT max(amount) FROM prices) AS top, x.* FROM (SELECT DISTINCT region FROM sites) x;
CREATE VIEW system_names AS SELECT relname FROM pg_class;

CREATE FUNCTION open_count(site int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM tasks WHERE site_id = site AND status = ''open''';
CREATE FUNCTION newest_note() RETURNS jsonb LANGUAGE sql STABLE BEGIN ATOMIC SELECT body FROM notes ORDER BY task_id DESC LIMIT 1; END;
CREATE FUNCTION tasks_of(site int) RETURNS SETOF tasks LANGUAGE sql STABLE AS 'SELECT * FROM tasks WHERE site_id = site ORDER BY id';
CREATE FUNCTION load_of(site int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT open_count FROM site_load WHERE id = site';
CREATE FUNCTION amount(code int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT hours FROM tasks WHERE id = code';
CREATE FUNCTION amount(wanted text) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT amount FROM prices WHERE code = wanted';
CREATE FUNCTION priced(n numeric, factor numeric DEFAULT amount('open'::text)) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT n * factor';
CREATE FUNCTION people_count() RETURNS int LANGUAGE plpgsql STABLE AS $$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM people; RETURN n; END $$;
CREATE FUNCTION busy(site int) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE r record; total numeric := 0;
BEGIN
  IF EXISTS (SELECT 1 FROM app.flags WHERE name = 'dark' AND is_on) THEN
    FOR r IN SELECT hours FROM tasks WHERE site_id = site LOOP total := total + r.hours; END LOOP;
  ELSE
    total := (SELECT sum(amount) FROM prices);
  END IF;
  RETURN total::text;
END $$;
CREATE FUNCTION by_text(name text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM ' || quote_ident(name) INTO n; RETURN n; END $$;
CREATE FUNCTION rows_of(site int) RETURNS SETOF people LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN QUERY SELECT * FROM people WHERE site_id = site; END $$;
CREATE FUNCTION label_in_app(wanted int) RETURNS text LANGUAGE sql STABLE SET search_path = app, public AS 'SELECT label FROM tasks WHERE id = wanted';
CREATE FUNCTION whisper() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT max(text) FROM secrets';
CREATE FUNCTION lying() RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT sum(amount) FROM prices';
CREATE FUNCTION note_count(tasks) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM notes WHERE task_id = $1.id';
CREATE FUNCTION outer_call(site int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT open_count(site) + people_count()';
CREATE FUNCTION as_xml() RETURNS xml LANGUAGE sql STABLE AS $$ SELECT query_to_xml('SELECT * FROM sites', false, false, '') $$;
CREATE FUNCTION plain(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n + 1';
CREATE FUNCTION add_price(total numeric, code text) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT total + coalesce((SELECT p.amount FROM prices p WHERE p.code = $2), 0)';
CREATE AGGREGATE price_sum(text) (SFUNC = add_price, STYPE = numeric, INITCOND = '0');
CREATE FUNCTION is_flag(a text, b text) RETURNS bool LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM app.flags WHERE name = a AND is_on = (b = ''on''))';
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = is_flag);
CREATE FUNCTION is_site(n int) RETURNS bool LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN n IS NULL OR n < 100; END $$;
CREATE DOMAIN site_number AS int CHECK (is_site(VALUE));
CREATE VIEW with_function AS SELECT s.id, open_count(s.id) AS n FROM sites s;
CREATE VIEW with_xml AS SELECT as_xml()::text AS x;
CREATE VIEW recursive_tree AS WITH RECURSIVE down AS (SELECT id, name FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, t.name FROM tree t JOIN down ON t.parent = down.id) SELECT * FROM down;
CREATE SEQUENCE tickets;

ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts FOR SELECT USING (id IN (SELECT account_id FROM memberships WHERE who = current_user));
CREATE POLICY all_writes ON accounts FOR INSERT WITH CHECK (EXISTS (SELECT FROM secrets));

CREATE ROLE reader;
GRANT USAGE ON SCHEMA audit, app TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public, audit, app TO reader;
GRANT SELECT ON tickets TO reader;
REVOKE SELECT ON secrets FROM reader;
