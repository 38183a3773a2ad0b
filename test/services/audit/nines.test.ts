import t from 'tap';
import { ninesOf, readsFor } from '../../../services/audit/nines.js';

t.test('without a violation as many nines as so many reads can show (rule of three)', async (t) => {
  t.same(ninesOf({ reads: 1000, violations: 0 }), { percent: 100, nines: 2, provenPercent: 99.7 });
  t.same(ninesOf({ reads: 2999, violations: 0 }), { percent: 100, nines: 2, provenPercent: 99.8999 });
  t.match(ninesOf({ reads: readsFor(3), violations: 0 }), { nines: 3, provenPercent: 99.9 });
  t.match(ninesOf({ reads: readsFor(5), violations: 0 }), { nines: 5 });
  t.match(ninesOf({ reads: 2, violations: 0 }), { nines: 0, provenPercent: 0 });
});

t.test('with violations the nines that were seen, never rounded up', async (t) => {
  t.same(ninesOf({ reads: 1000, violations: 1 }), { percent: 99.9, nines: 3, provenPercent: null });
  t.match(ninesOf({ reads: 999, violations: 1 }), { percent: 99.8998, nines: 2 });
  t.match(ninesOf({ reads: 10_000_000, violations: 1 }), { percent: 99.9999 });
  t.match(ninesOf({ reads: 4, violations: 4 }), { percent: 0, nines: 0 });
});

t.test('without reads nothing is said', async (t) => {
  t.equal(ninesOf({ reads: 0, violations: 0 }), null);
});
