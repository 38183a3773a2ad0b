-- sites
INSERT INTO sites VALUES (4, 'Zoo', 'north');
UPDATE sites SET name = name || '!', region = region || '!';
DELETE FROM sites WHERE id < 3;
UPDATE sites SET id = id + 10;
-- tasks
INSERT INTO tasks VALUES (5, 1, 'Aaa', 'open', 100, '2026-01-05'), (6, 2, 'Zzz', 'done', 7, '2026-03-01');
UPDATE tasks SET status = CASE status WHEN 'open' THEN 'done' ELSE 'open' END, hours = hours * 2, title = title || '!';
DELETE FROM tasks WHERE id IN (1, 3);
UPDATE tasks SET site_id = site_id + 1;
UPDATE tasks SET id = id + 10, created = created + 400;
-- people
INSERT INTO people VALUES (4, 1, 'Dee', 2), (5, 3, 'Eve', 1);
UPDATE people SET name = name || '!', boss = 3;
DELETE FROM people;
-- notes
INSERT INTO notes VALUES (4, '{"tags": ["z"], "size": 50}'), (1, '{"tags": [], "size": 1}');
UPDATE notes SET body = body || '{"size": 77, "tags": ["q"]}';
DELETE FROM notes;
-- prices
INSERT INTO prices VALUES ('west', 1000), ('new', 5);
UPDATE prices SET amount = amount + 1;
DELETE FROM prices;
-- Odd Names
INSERT INTO "Odd Names" VALUES (3, 'three');
DELETE FROM "Odd Names" WHERE "Id" = 1;
-- audit.tasks
INSERT INTO audit.tasks VALUES (2, 'Aaa');
DELETE FROM audit.tasks;
-- audit.log
INSERT INTO audit.log VALUES (3, 2, '2026-03-01T10:00:00Z');
DELETE FROM audit.log;
-- app.tasks
UPDATE app.tasks SET label = label || '!';
DELETE FROM app.tasks;
INSERT INTO app.tasks VALUES (2, 'app two');
-- app.flags
UPDATE app.flags SET is_on = NOT is_on;
DELETE FROM app.flags;
-- events
INSERT INTO events VALUES (4, '2025-07-01', 'c');
INSERT INTO events VALUES (5, '2026-07-01', 'a');
INSERT INTO events VALUES (6, '2026-07-01', 'c');
DELETE FROM events;
-- events_old
INSERT INTO events_old VALUES (7, '2025-08-01', 'c');
DELETE FROM events_old;
-- events_new
INSERT INTO events_new VALUES (8, '2026-08-01', 'a'), (9, '2026-08-01', 'd');
DELETE FROM events_new;
-- events_new_a
INSERT INTO events_new_a VALUES (10, '2026-08-02', 'a');
DELETE FROM events_new_a;
-- events_new_rest
INSERT INTO events_new_rest VALUES (11, '2026-08-02', 'e');
DELETE FROM events_new_rest;
-- measures
INSERT INTO measures VALUES (3, 30);
UPDATE measures SET value = value + 1;
-- measures_hot
INSERT INTO measures_hot VALUES (4, 40, 50);
DELETE FROM measures_hot;
-- accounts
UPDATE accounts SET balance = balance + 1;
INSERT INTO accounts VALUES (3, 'cy', 7);
DELETE FROM accounts;
-- memberships
INSERT INTO memberships VALUES (2, 'reader');
DELETE FROM memberships;
-- secrets
INSERT INTO secrets VALUES (2, 'zzz');
DELETE FROM secrets;
-- tree
INSERT INTO tree VALUES (3, 2, 'twig');
DELETE FROM tree;
-- task_totals
REFRESH MATERIALIZED VIEW task_totals;
