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
INSERT INTO notes VALUES (4, '{"tags": ["z"], "size": 50}', ['z'], {w: 9, h: 9}), (1, '{"tags": [], "size": 1}', [], {w: 8, h: 1});
UPDATE notes SET body = '{"size": 77, "tags": ["q"]}', tags = ['q'], size = {w: 7, h: 7};
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
INSERT INTO audit.log VALUES (3, 2, '2026-03-01 10:00');
DELETE FROM audit.log;
-- app.tasks
UPDATE app.tasks SET label = label || '!';
DELETE FROM app.tasks;
INSERT INTO app.tasks VALUES (2, 'app two');
-- app.flags
UPDATE app.flags SET is_on = NOT is_on;
DELETE FROM app.flags;
-- rates
UPDATE rates SET rate = rate + 1;
DELETE FROM rates;
-- tree
INSERT INTO tree VALUES (3, 2, 'twig');
DELETE FROM tree;
-- wide
UPDATE wide SET jan = 11;
-- dotted.name
INSERT INTO "dotted.name" VALUES (2);
