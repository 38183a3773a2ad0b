import type { Panel } from '../../definitions/model.js';
import type { CacheEvent } from '../../events/events-schema.js';
import type { EnabledStatisticsBody } from '../../statistics/report-schema.js';
import type { Found } from '../check.js';
import type { Gathered } from '../facts.js';
import { countInWords, percentInWords, someOf } from '../words.js';
import { combinationsOf } from './combinations.js';

export type Load = Extract<CacheEvent, { kind: 'refresh' }>;

/** A cause is one where it explains so much of what was not a hit. */
const MOST = 0.5;
/** Fewer loads tell nothing of how parameters repeat. */
const MIN_LOADS_COUNT = 10;
const SHORT_TTL_MS = 5000;

/** Why reads are not hits, each with its own fix, the widest first: out of what is known of switches, loads, ttls and Redis. */
export function missCauses(statistics: EnabledStatisticsBody, gathered: Gathered): Found[] {
  const causes = [
    switchedOff(statistics, gathered),
    failing(statistics),
    tooLarge(statistics),
    shortTtls(gathered),
    invalidatedOften(gathered),
    lostInRedis(statistics, gathered),
    otherParameters(gathered),
    evicted(statistics),
    wentStale(gathered),
    firstReads(statistics, gathered),
  ];
  return causes.filter((cause) => cause !== null);
}

type Cause = Found | null;

function switchedOff({ cache_stats }: EnabledStatisticsBody, { switches, settings }: Gathered): Cause {
  const { bypasses, total_requests } = cache_stats;
  const byCount = `${bypasses} of ${countInWords(total_requests, 'read')} skipped the cache`;
  const isOffHere = settings.known && !settings.value.cacheEnabled && bypasses === total_requests;
  if ((switches.known && switches.value.off_by === 'CACHE_ENABLED') || isOffHere)
    return {
      evidence: `CACHE_ENABLED=false: ${byCount}`,
      fix: 'set CACHE_ENABLED=true and restart; no switch can turn it on before',
    };
  if (bypasses < MOST * total_requests) return null;
  const off = switches.known
    ? switches.value.dashboards.flatMap(({ dashboard, panels }) =>
        panels.filter(({ enabled }) => !enabled).map(({ panel }) => `${dashboard}/${panel}`),
      )
    : [];
  const isAll = switches.known && switches.value.off_by === 'all';
  return {
    evidence: `${isAll ? 'the kill switch is off for everything' : off.length > 0 ? `switched off: ${someOf(off)}` : 'the cache was switched off'}: ${byCount}`,
    fix:
      isAll || off.length === 0
        ? 'run `dashcache switch on`'
        : 'run `dashcache switch on` with their dashboard and panel',
  };
}

function failing({ cache_stats: { errors, total_requests } }: EnabledStatisticsBody): Cause {
  if (errors < MOST * total_requests) return null;
  return {
    evidence: `${errors} of ${countInWords(total_requests, 'read')} were answered with a problem: there is nothing to keep`,
    fix: 'mend the source first: the log has the reason of each failed load under its request id',
  };
}

function tooLarge({ process: { events } }: EnabledStatisticsBody): Cause {
  const { too_large = 0, loads = 0 } = events;
  if (too_large === 0 || too_large < MOST * loads) return null;
  return {
    evidence: `${too_large} of ${countInWords(loads, 'load')} were too large to keep`,
    fix: 'have the panels give fewer rows, or raise MEMORY_MAX_BYTES and REDIS_MAX_BYTES',
  };
}

function shortTtls({ definitions }: Gathered): Cause {
  if (!definitions.known) return null;
  const panels = [...definitions.value.dashboards.values()].flatMap((each) => [...each.panels.values()]);
  const short = panels.filter(({ policy: { ttlMs, graceMs } }) => ttlMs + graceMs < SHORT_TTL_MS);
  if (short.length === 0 || short.length < MOST * panels.length) return null;
  return {
    evidence: `ttl and grace together are below 5 s for ${short.length} of ${countInWords(panels.length, 'panel')}: ${someOf(short.map(nameOf))}`,
    fix: 'lengthen ttl, or leave grace at its default of 1h, in the definitions of these panels',
  };
}

function invalidatedOften({ events }: Gathered): Cause {
  const loads = loadsOf(events);
  const purged = loads.filter(({ cause }) => cause === 'purged' || cause === 'expired');
  if (loads.length < MIN_LOADS_COUNT || purged.length < MOST * loads.length) return null;
  return {
    evidence: `${purged.length} of the last ${loads.length} loads were for invalidations: ${someOf(scopesOf(events))}`,
    fix: 'invalidate less at once (a table with its tenant, not everything), use mode expire, or give max_staleness to the panels',
  };
}

function lostInRedis(
  { process: { events, new_roots } }: EnabledStatisticsBody,
  { redisReach, running }: Gathered,
): Cause {
  const problem = redisReach.known ? (redisReach.value?.problem ?? null) : null;
  const isAway = problem !== null || (running.known && running.value.degraded.includes('redis'));
  if (isAway)
    return {
      evidence: `Redis does not answer${problem === null ? ' the service' : `: ${problem}`}; each process has only what it has loaded itself`,
      fix: 'mend the way to Redis: see redis-ping and `/health/ready`',
    };
  const lostCount = (new_roots['lost'] ?? 0) + (new_roots['foreign'] ?? 0);
  if (lostCount === 0 || (events['l2_writes'] ?? 0) === 0) return null;
  return {
    evidence: `Redis lost our data ${countInWords(lostCount, 'time')}, and the cache began anew`,
    fix: 'find out what restarts, flushes or evicts Redis: see redis-evictions, redis-eviction-policy and redis-memory-full',
  };
}

function otherParameters({ events }: Gathered): Cause {
  const varied = combinationsOf(loadsOf(events)).filter(({ isVaried }) => isVaried);
  const [first] = varied;
  if (!first) return null;
  return {
    evidence: `hardly any combination of parameters comes twice: ${someOf(varied.map(({ text }) => text))}`,
    fix: `round what callers send for ${first.parameter}: align of a period, an enum or options for a string; or leave it to the query's default`,
  };
}

function evicted({ process: { events }, redis }: EnabledStatisticsBody): Cause {
  const { l1_evictions = 0, loads = 0 } = events;
  if (l1_evictions === 0 || l1_evictions < MOST * loads || redis !== null) return null;
  return {
    evidence: `${l1_evictions} entries were dropped from memory to make room, and there is no Redis`,
    fix: 'raise MEMORY_MAX_BYTES, or set REDIS_URL',
  };
}

function wentStale({ events }: Gathered): Cause {
  const loads = loadsOf(events);
  const stale = loads.filter(({ cause }) => cause === 'stale');
  if (loads.length < MIN_LOADS_COUNT || stale.length < MOST * loads.length) return null;
  return {
    evidence: `${stale.length} of the last ${loads.length} loads came because a ttl was over`,
    fix: 'lengthen ttl where the data changes less often: ttl-short names the panels',
  };
}

/** What is asked for the first time is a miss: a share that only grows smaller with time. */
function firstReads({ cache_stats }: EnabledStatisticsBody, { events }: Gathered): Cause {
  const loads = loadsOf(events);
  const first = loads.filter(({ cause }) => cause === 'absent');
  if (loads.length === 0 || first.length < MOST * loads.length) return null;
  return {
    evidence: `${first.length} of the last ${loads.length} loads were of what nothing was stored for, ${percentInWords(
      cache_stats.misses / Math.max(1, cache_stats.total_requests),
    )} of the reads waited`,
    fix: 'run `dashcache warm` after each start and load job, and read again: what is then asked is a hit',
  };
}

/** The loads of the trail. */
export function loadsOf(events: Gathered['events']): Load[] {
  return events.known ? events.value.filter((event) => event.kind === 'refresh') : [];
}

function scopesOf(events: Gathered['events']): string[] {
  const all = events.known ? events.value : [];
  const scopes = all.flatMap((event) => (event.kind === 'invalidation' ? event.scopes : []));
  return [...new Set(scopes.map(({ scope, name }) => (name === null ? scope : `${scope} ${name}`)))];
}

function nameOf({ dashboardId, id }: Panel): string {
  return `${dashboardId}/${id}`;
}
