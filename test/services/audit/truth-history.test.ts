import t from 'tap';
import { TruthHistory } from '../../../services/audit/truth-history.js';

function historyOf(...looks: readonly (readonly [content: string, atMs: number])[]): number[] {
  const history = new TruthHistory();
  return looks.map(([content, atMs]) => {
    return history.note('/a', content, { fromMs: atMs, toMs: atMs + 5 }).unchangedSinceMs;
  });
}

t.test('the source is known to be unchanged since the first of equal answers in a row came', async (t) => {
  t.same(historyOf(['x', 0], ['x', 1000], ['y', 2000], ['y', 3000], ['x', 4000]), [5, 5, 2005, 2005, 4005]);
});

t.test('over a long gap it may have been something else meanwhile', async (t) => {
  t.same(historyOf(['x', 0], ['x', 30_000], ['x', 60_001]), [5, 5, 60_006]);
});

t.test('each address has its own', async (t) => {
  const history = new TruthHistory();
  history.note('/a', 'x', { fromMs: 0, toMs: 0 });
  t.equal(history.note('/b', 'x', { fromMs: 9, toMs: 9 }).unchangedSinceMs, 9);
});
