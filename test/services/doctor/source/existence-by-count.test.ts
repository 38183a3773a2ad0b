import t from 'tap';
import { existenceByCount } from '../../../../services/doctor/source/existence-by-count.js';

const COUNTED: readonly string[] = [
  'SELECT count(*) > 0 AS any FROM t',
  'SELECT COUNT(1) >= 1 AS any FROM t',
  'SELECT (SELECT count(*) FROM t WHERE a = (b + 1)) > 0 AS any',
  'SELECT 0 < (SELECT count(*) FROM t) AS any',
  'SELECT 1 <= count(*) AS any FROM t',
  'SELECT count(*) <> 0 AS any FROM t',
  'SELECT count(*) != 0 AS any FROM t',
  'SELECT count(*) = 0 AS none FROM t',
  'SELECT count(*) < 1 AS none FROM t',
  'SELECT CASE WHEN (SELECT count(*) FROM t) > 0 THEN 1 ELSE 0 END AS any',
];

const MEANT: readonly string[] = [
  'SELECT count(*) AS total FROM t',
  'SELECT count(*) > 5 AS busy FROM t',
  'SELECT count(*) > 1 AS several FROM t',
  'SELECT count(name) > 0 AS named FROM t',
  'SELECT count(*) + 0 AS total FROM t',
  "SELECT 'count(*) > 0' AS text FROM t",
  'SELECT count(*) AS total -- count(*) > 0\nFROM t',
  'SELECT EXISTS (SELECT 1 FROM t) AS any',
  'SELECT x.count > 0 AS any FROM x',
];

t.test('a count that is compared with nothing is found, in every spelling', (t) => {
  for (const sql of COUNTED) t.equal(existenceByCount(sql).length, 1, sql);
  t.same(existenceByCount('SELECT (SELECT count(*)\n  FROM t) > 0 AS any'), ['(SELECT count(*) FROM t)']);
  t.end();
});

t.test('a count that is shown, or compared with more, is not', (t) => {
  for (const sql of MEANT) t.same(existenceByCount(sql), [], sql);
  t.end();
});
