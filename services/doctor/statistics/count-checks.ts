import { type Check, check, type Found, foundIf } from '../check.js';
import { bytesInWords, countInWords, percentInWords } from '../words.js';

const MIN_READS_COUNT = 50;
const ERRORS_SHARE = 0.01;
const STALE_SHARE = 0.2;
const FAILURES_SHARE = 0.05;
const SLOW_SHARE = 0.001;
const FULL_SHARE = 0.9;
const EVICTED_SHARE = 0.1;

/** What the counters of the service say. */
export const countChecks: readonly Check[] = [
  check({
    id: 'monitoring-on',
    group: 'statistics',
    severity: 'warning',
    what: 'The service measures itself',
    fix: 'set CACHE_MONITORING=true and restart: nothing of its work can be judged without',
    needs: ['monitoring'],
    run: ({ monitoring }) =>
      foundIf(!monitoring.isOn, () => ({ evidence: 'the service runs with CACHE_MONITORING=false' })),
  }),
  check({
    id: 'load-time',
    group: 'statistics',
    severity: 'warning',
    what: '95 % of the reads are answered within the target of 500 ms',
    fix: 'look at panel-slow and index-missing, warm what is asked for first, and give slow panels a soft_deadline',
    needs: ['statistics'],
    run: ({ statistics }) => missed(statistics.targets, 'load_time', 'ms'),
  }),
  check({
    id: 'query-rate',
    group: 'statistics',
    severity: 'warning',
    what: 'All sources together are asked no more often than the target of 400 in a minute',
    fix: 'lengthen ttl (ttl-short names panels), or give the source a budget: stale is then served',
    needs: ['statistics'],
    run: ({ statistics }) => missed(statistics.targets, 'source_queries', 'queries in the last minute'),
  }),
  check({
    id: 'read-errors',
    group: 'statistics',
    severity: 'error',
    what: 'Fewer than 1 % of the reads are answered with a problem',
    fix: 'find the reason in the log under the request id of a problem; `dashcache stats --panels` names the panels',
    needs: ['statistics'],
    run: ({ statistics: { cache_stats, panels } }) => {
      const { errors, total_requests } = cache_stats;
      const worst = panels.toSorted((a, b) => b.errors - a.errors)[0];
      return foundIf(total_requests >= MIN_READS_COUNT && errors > ERRORS_SHARE * total_requests, () => ({
        evidence: `${errors} of ${total_requests} reads (${percentInWords(errors / total_requests)}), most of ${worst?.dashboard}/${worst?.panel}`,
      }));
    },
  }),
  check({
    id: 'stale-share',
    group: 'statistics',
    severity: 'note',
    what: 'Fewer than a fifth of the hits are stale',
    fix: 'lengthen ttl where stale answers are fine as they are, or warm by a schedule; `max_staleness` bounds them',
    needs: ['statistics'],
    run: ({ statistics: { cache_stats } }) => {
      const { hits, stale_hits, error_hits, unproven_hits } = cache_stats;
      const staleCount = stale_hits + error_hits + unproven_hits;
      return foundIf(hits >= MIN_READS_COUNT && staleCount > STALE_SHARE * hits, () => ({
        evidence: `${percentInWords(staleCount / hits)} of the hits: ${stale_hits} while refreshed, ${error_hits} because the source failed, ${unproven_hits} unproven`,
      }));
    },
  }),
  check({
    id: 'staleness-breached',
    group: 'statistics',
    severity: 'error',
    what: 'No answer was older than max_staleness allows',
    fix: 'raise the budget of the source, or mend its loads; else promise less: a longer max_staleness',
    needs: ['statistics'],
    run: ({ statistics: { process } }) => {
      const { contract_breaches = 0, budget_breaches = 0 } = process.events;
      return foundIf(contract_breaches > 0, () => ({
        evidence: `${countInWords(contract_breaches, 'answer')} broke the promise, ${budget_breaches} of them because the budget was spent`,
      }));
    },
  }),
  check({
    id: 'memory-evictions',
    group: 'statistics',
    severity: 'warning',
    what: 'What is read stays in memory',
    fix: 'raise MEMORY_MAX_BYTES, as far as the memory of the process allows (memory-limit)',
    needs: ['statistics'],
    run: ({ statistics: { memory, process } }) => {
      const { l1_evictions = 0, loads = 0 } = process.events;
      const isFull = memory.bytes > FULL_SHARE * memory.max_bytes;
      return foundIf(isFull && l1_evictions > EVICTED_SHARE * loads, () => ({
        evidence: `${bytesInWords(memory.bytes)} of ${bytesInWords(memory.max_bytes)} are used, and ${l1_evictions} entries were dropped in ${loads} loads`,
      }));
    },
  }),
  check({
    id: 'cache-slow',
    group: 'statistics',
    severity: 'warning',
    what: 'Operations of the cache itself are quicker than SLOW_CACHE_THRESHOLD',
    fix: 'look at redis-latency and event-loop; the log names each slow operation',
    needs: ['statistics'],
    run: ({ statistics: { process } }) =>
      foundIf(
        process.total_requests >= MIN_READS_COUNT &&
          process.slow_operations > Math.max(1, SLOW_SHARE * process.total_requests),
        () => ({
          evidence: `${process.slow_operations} were slower, in ${process.total_requests} reads`,
        }),
      ),
  }),
  check({
    id: 'frames-rejected',
    group: 'statistics',
    severity: 'warning',
    what: 'What is read from Redis is what was written there',
    fix: 'see whether another program writes below REDIS_PREFIX, or something between changes bytes; each one cost a load only',
    needs: ['statistics'],
    run: ({ statistics: { process } }) => {
      const rejected = Object.entries(process.frames_rejected).filter(
        ([reason, count]) => count > 0 && reason !== 'version',
      );
      return foundIf(rejected.length > 0, () => ({
        evidence: rejected.map(([reason, count]) => `${count} by ${reason}`).join(', '),
      }));
    },
  }),
  check({
    id: 'redis-data-lost',
    group: 'statistics',
    severity: 'warning',
    what: 'Redis has not lost our data since the start',
    fix: 'find what restarts, flushes or evicts: redis-evictions, redis-eviction-policy, FLUSHALL of others',
    needs: ['statistics'],
    run: ({ statistics: { process } }) => {
      const { lost = 0, foreign = 0 } = process.new_roots;
      return foundIf(lost + foreign > 0, () => ({
        evidence: `the cache began anew ${countInWords(lost + foreign, 'time')}: ${lost} by lost data, ${foreign} by another server`,
      }));
    },
  }),
  check({
    id: 'bus-deaf',
    group: 'statistics',
    severity: 'warning',
    what: 'Processes hear of the purges of others at once, by the bus',
    fix: 'grant the user of Redis the channels of our prefix (&dc:*): until then others are heard at the next look',
    needs: ['statistics'],
    run: ({ statistics: { process } }) => {
      const { unannounced_news = 0 } = process.events;
      return foundIf(unannounced_news > 2, () => ({
        evidence: `${countInWords(unannounced_news, 'time')} looks found news that no message had told of`,
      }));
    },
  }),
  check({
    id: 'source-failures',
    group: 'statistics',
    severity: 'warning',
    what: 'Fewer than 5 % of the queries of a source fail',
    fix: 'the log has the reason of each; panels that run into their deadline are in panel-slow',
    needs: ['statistics'],
    run: ({ statistics: { sources } }) =>
      sources.flatMap(({ name, queries, failures }) =>
        foundIf(queries >= 20 && failures > FAILURES_SHARE * queries, () => ({
          evidence: `${name}: ${failures} of ${queries} queries failed (${percentInWords(failures / queries)})`,
        })),
      ),
  }),
  check({
    id: 'source-budget',
    group: 'statistics',
    severity: 'warning',
    what: 'The budget of a source suffices for those who wait',
    fix: 'raise `budget` of the source, or lengthen ttl so that less is asked',
    needs: ['statistics'],
    run: ({ statistics: { sources } }) =>
      sources.flatMap(({ name, queries, budget_waits, budget_refusals }) =>
        foundIf(budget_refusals > 0, () => ({
          evidence: `${name}: ${budget_refusals} queries were not sent and ${budget_waits} waited, beside ${queries} that were sent`,
        })),
      ),
  }),
];

interface Target {
  readonly name: string;
  readonly target: number;
  readonly actual: number | null;
  readonly met: boolean | null;
}

function missed(targets: readonly Target[], name: string, unit: string): readonly Found[] {
  const target = targets.find((each) => each.name === name);
  if (target?.met !== false) return [];
  return [{ evidence: `${Math.round(target.actual ?? 0)} ${unit}, and the target is ${target.target}` }];
}
