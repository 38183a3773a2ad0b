import { type Check, check, type Found } from '../check.js';
import type { Gathered } from '../facts.js';
import { countInWords, percentInWords } from '../words.js';
import { missCauses } from './miss-causes.js';

/** Fewer reads are each the first of its kind. */
const FEW_READS_COUNT = 20;
const LOW_PERCENT = 40;

/** A hit rate of nothing, or a low one: with the cause that was found, which has a fix of its own. */
export const hitRateChecks: readonly Check[] = [
  check({
    id: 'hit-rate-zero',
    group: 'statistics',
    severity: 'error',
    what: 'Some read is answered from the cache',
    fix: 'ask what one read finds, and why: `dashcache explain URL`',
    needs: ['statistics'],
    run({ statistics }, gathered) {
      const { hits, total_requests } = statistics.cache_stats;
      if (hits > 0) return [];
      if (total_requests === 0)
        return [
          {
            severity: 'note',
            evidence: 'hit rate 0 %: no traffic yet, nobody has read a panel since the start',
            fix: 'send readers to the service (the dashboards are at `/`), or run `dashcache warm` and read one panel twice',
          },
        ];
      return withCauses(`hit rate 0 % of ${countInWords(total_requests, 'read')}`, total_requests, gathered);
    },
  }),
  check({
    id: 'hit-rate-low',
    group: 'statistics',
    severity: 'warning',
    what: 'At least 40 % of the reads are answered from the cache',
    fix: 'ask what reads of the panels with the most misses find: `dashcache stats --panels`, `dashcache explain URL`',
    needs: ['statistics'],
    run({ statistics }, gathered) {
      const { hits, misses, bypasses, total_requests, hit_rate } = statistics.cache_stats;
      // Reads that skipped the cache are in no rate: they are no hits all the same.
      const share = hits / Math.max(1, hits + misses + bypasses);
      if (hits === 0 || Math.min(hit_rate, 100 * share) >= LOW_PERCENT) return [];
      return withCauses(
        `hit rate ${hit_rate} %, ${percentInWords(share)} with the reads that skipped the cache`,
        total_requests,
        gathered,
      );
    },
  }),
];

function withCauses(seen: string, readsCount: number, gathered: Gathered): Found[] {
  const { statistics } = gathered;
  const causes = statistics.known ? missCauses(statistics.value, gathered) : [];
  const [first] = causes;
  if (first) return [{ ...first, evidence: `${seen}. Cause: ${first.evidence}` }, ...others(causes)];
  if (readsCount < FEW_READS_COUNT)
    return [
      {
        severity: 'note',
        evidence: `${seen}: so few tell nothing, each may be the first of its kind`,
        fix: 'wait for traffic, or read one panel twice: the second read is a hit',
      },
    ];
  return [{ evidence: `${seen}; no single cause was found` }];
}

/** The first cause is the finding; what else was seen may be its next one. */
function others(causes: readonly Found[]): Found[] {
  return causes
    .slice(1)
    .map((cause) => ({ ...cause, evidence: `Also: ${cause.evidence}`, severity: 'note' }));
}
