import t from 'tap';
import { Commits } from './commits.js';

t.test('an answer lacks the first commit that is not in it, since that was acknowledged', async (t) => {
  const commits = new Commits(2);
  for (const [lastRow, atMs] of [
    [10, 1000],
    [20, 1500],
    [30, 2500],
  ] as const)
    commits.note({ panel: 0, lastRow, atMs });
  const lackedFor = (lastRow: number, sentAtMs: number, panel = 0) =>
    commits.lackedForMs({ panel, lastRow, sentAtMs });
  t.equal(lackedFor(0, 1700), 700, 'not since the last one that it lacks');
  t.equal(lackedFor(10, 1700), 200);
  t.equal(lackedFor(20, 1700), 0, 'what was committed after it was sent it may lack');
  t.equal(lackedFor(20, 2600), 100);
  t.equal(lackedFor(30, 9000), 0);
  t.equal(lackedFor(40, 9000), 0, 'a commit that is in it before it is acknowledged');
  t.equal(lackedFor(0, 9000, 1), 0, 'a table that was never written');
  t.same([commits.lastRowOf(0), commits.lastRowOf(1)], [30, 0]);
});
