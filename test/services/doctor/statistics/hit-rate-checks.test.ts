import t from 'tap';
import { CHECKS } from '../../../../services/doctor/checks.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import { but, factOf, goodFacts, load } from '../support/good-facts.js';

async function found(
  t: Parameters<typeof goodFacts>[0],
  counts: Readonly<Record<string, number>>,
  events = [load({ cause: 'warming' })],
) {
  const good = await goodFacts(t);
  const body = factOf(good, 'statistics');
  const spoiled = but(good, {
    statistics: { ...body, cache_stats: { ...body.cache_stats, ...counts } },
    events,
  });
  const { findings } = runChecks(
    CHECKS.filter(({ id }) => id.startsWith('hit-rate')),
    spoiled,
  );
  return findings;
}

t.test('few reads without a hit are a note: each may be the first of its kind', async (t) => {
  const counts = { hits: 0, misses: 3, bypasses: 0, errors: 0, total_requests: 3, hit_rate: 0 };
  t.match(await found(t, counts), [
    { check: 'hit-rate-zero', severity: 'note', fix: /read one panel twice/ },
  ]);
});

t.test('many without one, and nothing that speaks for a cause: it is said that none was found', async (t) => {
  const counts = { hits: 0, misses: 300, bypasses: 0, errors: 0, total_requests: 300, hit_rate: 0 };
  t.match(await found(t, counts), [
    {
      check: 'hit-rate-zero',
      severity: 'error',
      evidence: /no single cause was found/,
      fix: /dashcache explain/,
    },
  ]);
});

t.test('several causes are told apart, the first as the finding and the others as notes', async (t) => {
  const counts = { hits: 300, misses: 700, bypasses: 1200, errors: 0, total_requests: 2200, hit_rate: 30 };
  const events = Array.from({ length: 20 }, () => load());
  t.match(await found(t, counts, events), [
    { check: 'hit-rate-low', severity: 'warning', evidence: /hit rate 30 %, 14 % with.*switched off/ },
    { check: 'hit-rate-low', severity: 'note', evidence: /^Also: .*ttl was over/ },
  ]);
});

t.test('a rate of 40 % is no longer low, just below is; reads that skip the cache are no hits', async (t) => {
  const counts = { bypasses: 0, errors: 0, total_requests: 1000 };
  t.same(await found(t, { ...counts, hits: 400, misses: 600, hit_rate: 40 }), []);
  t.equal((await found(t, { ...counts, hits: 399, misses: 601, hit_rate: 39.9 })).length, 1);
  const skipped = { hits: 300, misses: 100, bypasses: 600, errors: 0, total_requests: 1000, hit_rate: 75 };
  t.equal((await found(t, skipped))[0]?.check, 'hit-rate-low');
});
