import type { CacheEvent, CacheOperation, FrameFault, RootCause } from '../cache/observer.js';
import type { ReadLayer, ReadOutcome } from './recorder.js';

/** One counter: what it counts, and inside which other counter it is counted too (null: inside none). */
interface Counter {
  readonly help: string;
  readonly inside: string | null;
}

interface ReadCounter extends Counter {
  /** The outcomes that it sums: every read has exactly one outcome, so whatever is summed from them adds up. */
  readonly outcomes: readonly ReadOutcome[];
}

/**
 * Every counter there is. JSON, Prometheus help and docs/statistics.md print from this table; a test holds the page against it.
 * Counters with the same `inside` never overlap each other.
 */
export const COUNTERS = {
  reads: {
    total_requests: {
      help: 'Panel reads: the sum of hits, misses, bypasses and errors',
      inside: null,
      outcomes: ['hit', 'stale_hit', 'error_hit', 'unproven_hit', 'miss', 'collapsed', 'bypass', 'error'],
    },
    hits: {
      help: 'Reads answered from an entry, fresh or not',
      inside: 'total_requests',
      outcomes: ['hit', 'stale_hit', 'error_hit', 'unproven_hit'],
    },
    stale_hits: {
      help: 'Hits answered stale while one reader revalidates',
      inside: 'hits',
      outcomes: ['stale_hit'],
    },
    error_hits: {
      help: 'Hits answered stale because the source failed (stale-if-error)',
      inside: 'hits',
      outcomes: ['error_hit'],
    },
    unproven_hits: {
      help: 'Hits answered with the last proven value: Redis did not answer, or has lost the proof',
      inside: 'hits',
      outcomes: ['unproven_hit'],
    },
    misses: {
      help: 'Reads that waited for a load',
      inside: 'total_requests',
      outcomes: ['miss', 'collapsed'],
    },
    collapsed: {
      help: "Misses that joined another reader's load",
      inside: 'misses',
      outcomes: ['collapsed'],
    },
    bypasses: {
      help: 'Reads that skipped the cache because it is switched off',
      inside: 'total_requests',
      outcomes: ['bypass'],
    },
    errors: {
      help: 'Reads answered with a problem: failed loads and remembered failures',
      inside: 'total_requests',
      outcomes: ['error'],
    },
  },
  sources: {
    queries: { help: 'Queries that really reached a source, refreshes and options included', inside: null },
    failures: { help: 'Queries that failed or ran into their deadline', inside: 'queries' },
    refusals: { help: 'Queries not sent, because the source has not answered for a while', inside: null },
    budget_waits: { help: 'Queries and refreshes that waited for the budget of the source', inside: null },
    budget_refusals: {
      help: 'Queries not sent, because the budget of the source was spent for as long as they could wait',
      inside: null,
    },
  },
  events: {
    loads: { help: 'Loads begun: misses, revalidations and bypasses', inside: null },
    shed_loads: {
      help: 'Loads that were turned away, because this process had too much to do',
      inside: null,
    },
    load_failures: { help: 'Loads that failed', inside: 'loads' },
    revalidations: { help: 'Loads begun in the background for a stale entry', inside: 'loads' },
    renewals: { help: 'Loads that found equal content and kept the bytes', inside: 'loads' },
    too_large: { help: 'Loaded entries served but not kept, for their size', inside: 'loads' },
    refused_fills: {
      help: 'Loaded entries not kept, because an invalidation or another load came first',
      inside: 'loads',
    },
    l1_evictions: { help: 'Entries dropped from memory to stay within its bytes', inside: null },
    not_admitted: {
      help: 'Entries that memory did not take, as their tenant has his part and asked for them once',
      inside: null,
    },
    l2_writes: { help: 'Entries written to Redis', inside: null },
    l2_failures: { help: 'Reads and writes of entries in Redis that failed', inside: null },
    l2_skips: {
      help: 'Reads and writes of entries not tried, because Redis has not answered for a while',
      inside: null,
    },
    looks: { help: 'Questions to Redis for current generations', inside: null },
    look_failures: { help: 'Looks that Redis did not answer', inside: 'looks' },
    gaps: { help: 'Looks that found the log of invalidations cut', inside: 'looks' },
    purges: { help: 'Invalidations of mode purge made by this process', inside: null },
    expires: { help: 'Invalidations of mode expire made by this process', inside: null },
    switches: { help: 'Changes of the kill switch made by this process', inside: null },
    leases_taken: { help: 'Permissions to load a key for all processes, given by Redis', inside: null },
    leases_overtaken: {
      help: 'Leases taken over from a load that an invalidation had made useless',
      inside: 'leases_taken',
    },
    leases_lost: { help: 'Leases that were gone before their load had ended', inside: 'leases_taken' },
    lease_waits: { help: 'Waits for the load of another process', inside: null },
    shared_failures: { help: 'Failed loads of other processes whose error was answered here', inside: null },
    unproven_joins: {
      help: 'Reads that waited with others for a load while Redis did not answer',
      inside: null,
    },
    contract_breaches: {
      help: 'Answers with data older than max_staleness allows: the load failed, or the budget was spent',
      inside: null,
    },
    budget_breaches: {
      help: 'Of those the ones for which the budget was spent',
      inside: 'contract_breaches',
    },
    unannounced_news: {
      help: 'Quarters of a second in which looks found news and no message had told of any: the bus is deaf',
      inside: null,
    },
    warming_loads: { help: 'Loads begun by a warming', inside: 'loads' },
    warmings: {
      help: 'Warmings of a dashboard by schedule, after a deploy or after a load job, done by this process',
      inside: null,
    },
    warming_misses: {
      help: 'Panels of these warmings that a read right after them would not have been answered from the cache for',
      inside: null,
    },
  },
  frames: {
    magic: { help: 'Frames in Redis that are not frames at all', inside: null },
    version: { help: 'Frames of another format version', inside: null },
    length: { help: 'Frames cut short or too long', inside: null },
    checksum: { help: 'Frames whose checksum is wrong', inside: null },
    key: { help: 'Frames of another key', inside: null },
    tenant: { help: 'Frames of another tenant', inside: null },
    body: { help: 'Frames whose body does not decompress to its length', inside: null },
  },
  roots: {
    first: { help: 'Roots of generations made because there was none', inside: null },
    lost: { help: 'Roots made anew because Redis may have lost writes', inside: null },
    foreign: {
      help: 'Roots made anew because the data came from another run of a Redis server',
      inside: null,
    },
  },
  feeds: {
    changes: { help: 'Changed tables told by the change feed, once in each window', inside: null },
    gaps: {
      help: 'Times that changes may have been missed, so that all of the source was invalidated',
      inside: null,
    },
  },
  slow: {
    slow_operations: {
      help: 'Cache operations (never loads) slower than SLOW_CACHE_THRESHOLD',
      inside: null,
    },
  },
} as const satisfies CounterTable;

interface CounterTable {
  readonly reads: Record<string, ReadCounter>;
  readonly sources: Record<string, Counter>;
  readonly events: Record<CacheEvent, Counter>;
  readonly frames: Record<FrameFault, Counter>;
  readonly roots: Record<RootCause, Counter>;
  readonly feeds: Record<string, Counter>;
  readonly slow: Record<string, Counter>;
}

export type ReadCounterName = keyof typeof COUNTERS.reads;

/** Values of all read counters of one panel or of a sum. */
export type ReadCounters = Record<ReadCounterName, number>;

export const READ_COUNTER_NAMES = Object.keys(COUNTERS.reads) as readonly ReadCounterName[];
export const CACHE_EVENTS = Object.keys(COUNTERS.events) as readonly CacheEvent[];
export const FRAME_FAULTS = Object.keys(COUNTERS.frames) as readonly FrameFault[];
export const ROOT_CAUSES = Object.keys(COUNTERS.roots) as readonly RootCause[];

/** The closed sets of labels, in the order in which counts are kept and sent between processes: only ever append. */
export const READ_OUTCOMES: readonly ReadOutcome[] = COUNTERS.reads.total_requests.outcomes;
export const READ_LAYERS: readonly ReadLayer[] = ['l1', 'l2', 'source'];

/** Where time is measured, beside the layers of reads: each operation of the cache itself. */
export const CACHE_OPERATIONS = {
  l1_read: 'Look-up in memory',
  l2_read: 'Read of an entry from Redis',
  l2_write: 'Write of an entry to Redis',
  look: 'Question to Redis for current generations',
  invalidate: 'Invalidation or switch written to Redis',
  acknowledge: 'Wait of a purge or a switch for the other processes',
  compress: 'Coding of a body',
} as const satisfies Record<CacheOperation, string>;
