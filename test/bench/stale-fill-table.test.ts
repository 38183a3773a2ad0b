import t from 'tap';
import { isMet, type StaleFillRow, staleFillHead, staleFillLine } from '../../bench/stale-fill-table.js';

const ROW: StaleFillRow = {
  where: 'HTTP, single',
  by: 'tag',
  at: 'other',
  isControl: false,
  wantedCount: 100,
  begunCount: 101,
  countedCount: 100,
  readsCount: 300,
  oldCount: 0,
  oldAnswers: new Map(),
  tookMs: 1500,
};

t.test('a line is met with enough trials and no old answer, a control with some', async (t) => {
  t.ok(isMet(ROW));
  t.notOk(isMet({ ...ROW, oldCount: 1 }));
  t.notOk(isMet({ ...ROW, countedCount: 99 }));
  t.ok(isMet({ ...ROW, isControl: true, oldCount: 1 }));
  t.notOk(isMet({ ...ROW, isControl: true }));
});

t.test(
  'a line stands under its titles, and one that is missed says how the old answers were given',
  async (t) => {
    const line = staleFillLine({ ...ROW, oldCount: 7, oldAnswers: new Map([['hit', 7]]) });
    t.match(line, /^HTTP, single .* 101 .* 7 .* MISSED\n {2}7 old: hit\n$/);
    t.equal(line.indexOf('7 '), staleFillHead.indexOf('old'));
  },
);
