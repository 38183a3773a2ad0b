import type { Severity } from '../../../../services/doctor/check.js';
import { unknown } from '../../../../services/doctor/facts.js';
import { sampleCopy, sampleEntry } from '../../../cli/support/sample-entries.js';
import { samplePanel } from '../../../cli/support/sample-statistics.js';
import { but, checkedBy, factOf, load, redisNode } from './good-facts.js';
import {
  counts,
  events,
  figures,
  files,
  info,
  log,
  PLACE,
  panelOf,
  postgres,
  redis,
  running,
  type Spoil,
  settings,
  sources,
  statistics,
  targetMissed,
  tasks,
  WITHOUT_FEED,
} from './spoil.js';

/** For every check the environment in which it fires. A check without one here fails the test. */
export const BAD: Readonly<Record<string, Spoil>> = {
  'redis-configured': (good) => ({ ...but(good, { redisReach: null }), redis: unknown('none') }),
  'redis-ping': (good) => but(good, { redisReach: { kind: 'single', problem: 'Redis does not answer' } }),
  'redis-latency': redis({ nodes: [redisNode('', [12, 14, 80])] }),
  'redis-clients': info('connected_clients:9000\n'),
  'redis-version': info('redis_version:6.2.14\n'),
  'redis-memory-high': info('used_memory:600000000\nused_memory_rss:640000000\nmaxmemory:2000000000\n'),
  'redis-maxmemory': info('maxmemory:50000000\n'),
  'redis-memory-full': info('used_memory:250000000\nused_memory_rss:250000000\n'),
  'redis-fragmentation': info('used_memory:150000000\nused_memory_rss:400000000\n'),
  'redis-eviction-policy': info('maxmemory_policy:allkeys-lru\n'),
  'redis-evictions': info('evicted_keys:3\n'),
  'redis-prefix-full': statistics(({ redis: ours }) => ({ redis: ours && { ...ours, bytes: 95_000_000 } })),
  'redis-rights': redis({ rights: { refused: ['XADD'], dangerous: [] } }),
  'redis-rights-wide': redis({ rights: { refused: [], dangerous: ['CONFIG'] } }),
  'redis-keyspace': info('db0:keys=3,expires=0\n'),
  'redis-shared': info('db0:keys=90000,expires=0\n'),
  'redis-persistence': info('rdb_last_bgsave_status:err\n'),
  'redis-replica': info('role:slave\nmaster_host:10.0.0.7\nmaster_port:6379\nmaster_link_status:up\n'),
  'redis-replication': info(
    'connected_slaves:1\nslave0:ip=10.0.0.8,port=6379,state=online,offset=1,lag=90\n',
  ),
  'source-reachable': sources({ main: { problem: 'connect ECONNREFUSED' } }),
  'endpoint-status': sources({ endpoint: { status: 302 } }),
  'endpoint-slow': sources({ endpoint: { durationMs: 2400 } }),
  'endpoint-validators': sources({ endpoint: { hasValidator: false, confirmsWith304: null } }),
  'endpoint-no-store': sources({ endpoint: { isNoStore: true } }),
  'source-read-only': postgres({ writable: ['table tasks'] }),
  'source-row-security': (good, t) =>
    postgres({ bypassesRowSecurity: true, tables: [{ ...tasks(good), hasRowSecurity: true }] })(good, t),
  'source-tenant-wall': postgres({ bypassesRowSecurity: true }),
  'source-version': postgres({ versionNumber: 130_010 }),
  'source-statement-timeout': postgres({ statementTimeoutMs: 0 }),
  'source-connections': postgres({ usedConnectionsCount: 95 }),
  'source-slots': postgres({ slots: [{ name: 'forgotten', isActive: false, retainedBytes: 5e9 }] }),
  'source-timezone': postgres({ timezone: 'Europe/Berlin' }),
  'table-never-analysed': (good, t) => postgres({ tables: [{ ...tasks(good), rowsCount: -1 }] })(good, t),
  'index-missing': (good, t) => {
    const scan = { table: 'tasks', filter: '(site_id = 7)', tableRowsCount: 5e5, wantedRowsCount: 40 };
    const scans = { known: true as const, value: [{ ...scan, columns: ['site_id'] }] };
    return postgres({ plans: [{ panel: panelOf(good), scans }] })(good, t);
  },
  'feed-lag': figures('dashcache_feed_incomplete_seconds{source="main"} 300\n'),
  'feed-gaps': figures('dashcache_feed_gaps_total{source="main"} 40\n'),
  'feed-installed': sources({
    main: { feed: { known: true, value: { faults: ['tasks is not in the publication'], unheard: [] } } },
  }),
  'feed-tables': sources({ main: { feed: { known: true, value: { faults: [], unheard: ['sites'] } } } }),
  'definitions-valid': (good) =>
    but(good, {
      files: { faults: [{ place: PLACE, message: '"titel" is not known', hint: 'did you mean title?' }] },
    }),
  'definitions-in-force': running({ degraded: ['definitions'] }),
  'definitions-same': (good) => {
    const key = { ...sampleEntry().key, panel: 'metrics', definition: 'another' };
    return but(good, { entries: [sampleEntry({ key })] });
  },
  'settings-shadowed': files(
    { 'sales.yaml': 'id: sales\nsource: legacy\nsummary: { path: /sales, ttl: 1h }\n' },
    { SUMMARY_TIMEOUT: '60' },
  ),
  'settings-misspelled': settings({ warnings: ['METRIC_TIMEOUT is no setting: METRICS_TIMEOUT?'] }),
  'settings-same': settings({ memoryMaxBytes: 1e9 }),
  'dependencies-unknown': (good) =>
    but(good, { queries: checkedBy(factOf(good, 'definitions'), { tables: [], verdict: 'unknown' }) }),
  'count-as-existence': files({
    'operations.yaml': `id: operations
source: main
params: { site_id: { type: integer, tenant: true } }
metrics: { query: "SELECT (SELECT count(*) FROM tasks WHERE site_id = :site_id) > 0 AS has_tasks" }
`,
  }),
  'ttl-short': (good) => {
    const l1 = sampleCopy({
      stored_at: '2026-11-25T08:00:00.000Z',
      generated_at: '2026-11-24T08:00:00.000Z',
    });
    const [entry] = factOf(good, 'entries');
    return but(good, { entries: [sampleEntry({ key: entry?.key ?? sampleEntry().key, l1 })] });
  },
  'ttl-long': async (good, t) => {
    const spoiled = await files({ 'dashcache.yaml': WITHOUT_FEED })(good, t);
    const busy = { ...tasks(good), changesCount: 1e6, countedSeconds: 36_000 };
    return postgres({ tables: [busy] })(spoiled, t);
  },
  'tenant-scoping': files({
    'overview.yaml': 'id: overview\nsource: main\nmetrics: { query: SELECT count(*) AS total FROM tasks }\n',
  }),
  'tenant-proof': (good) => {
    const unproved = [{ place: PLACE, message: 'nothing holds the rows of "people" to the tenant' }];
    return but(good, { queries: { ...factOf(good, 'queries'), unproved } });
  },
  'tenant-believed': settings({ isLoopback: false, host: '0.0.0.0' }),
  'period-timezone': files({
    'days.yaml': `id: days
source: main
params:
  site_id: { type: integer, tenant: true }
  period: { type: period, default: 7d, align: 1d, timezone: Europe/Berlin }
metrics:
  query: |
    SELECT count(*) AS total FROM tasks
    WHERE site_id = :site_id AND created_at >= :period_start AND created_at < :period_end
`,
  }),
  'hit-rate-zero': counts({ hits: 0, misses: 2000, hit_rate: 0 }),
  'hit-rate-low': counts({ hits: 400, misses: 1600, hit_rate: 20 }),
  'monitoring-on': (good) => but(good, { monitoring: { isOn: false } }),
  'load-time': targetMissed('load_time', 900),
  'query-rate': targetMissed('source_queries', 812),
  'read-errors': counts({ errors: 300 }),
  'stale-share': counts({ stale_hits: 900 }),
  'staleness-breached': events({ contract_breaches: 2 }),
  'memory-evictions': statistics(({ memory, process }) => ({
    memory: { ...memory, bytes: 268_000_000 },
    process: { ...process, events: { loads: 500, l1_evictions: 400 } },
  })),
  'cache-slow': statistics(({ process }) => ({ process: { ...process, slow_operations: 30 } })),
  'frames-rejected': statistics(({ process }) => ({
    process: { ...process, frames_rejected: { checksum: 2 } },
  })),
  'redis-data-lost': statistics(({ process }) => ({
    process: { ...process, new_roots: { first: 1, lost: 2 } },
  })),
  'bus-deaf': events({ unannounced_news: 9 }),
  'source-failures': statistics(({ sources: all }) => ({
    sources: all.map((source) => ({ ...source, queries: 100, failures: 30 })),
  })),
  'source-budget': statistics(({ sources: all }) => ({
    sources: all.map((source) => ({ ...source, budget_refusals: 7 })),
  })),
  'panel-never-hit': statistics(() => ({
    panels: [samplePanel('metrics', { total_requests: 90, misses: 90 })],
  })),
  'panel-unused': statistics(({ process }) => ({ process: { ...process, uptime_seconds: 172_800 } })),
  'panel-slow': (good) => but(good, { events: Array.from({ length: 5 }, () => load({ duration_ms: 4200 })) }),
  'parameter-cardinality': (good) =>
    but(good, { events: Array.from({ length: 40 }, (_, i) => load({ params: { search: `text ${i}` } })) }),
  'entry-too-large': events({ too_large: 4 }),
  'service-reachable': (good) =>
    but(good, {
      service: { address: 'http://127.0.0.1:8000', problem: 'nothing listens there', refusal: null },
    }),
  'service-access': (good) =>
    but(good, {
      service: { address: 'http://127.0.0.1:8000', problem: null, refusal: 'a wrong ADMIN_TOKEN' },
    }),
  'service-degraded': running({ degraded: ['source:main'] }),
  'service-version': running({ version: '0.5.0' }),
  'switch-off': (good) => but(good, { switches: { enabled: false, off_by: 'all', dashboards: [] } }),
  'admin-token': settings({ adminToken: 'secret' }),
  'clock-skew': running({ clockAheadMs: -90_000 }),
  'node-version': figures('nodejs_version_info{version="v18.20.0"} 1\n'),
  'file-descriptors': figures('process_max_fds 256\n'),
  'memory-limit': (good) => but(good, { host: { ...factOf(good, 'host'), memoryLimitBytes: 3e8 } }),
  'event-loop': figures('nodejs_eventloop_lag_p99_seconds 0.8\n'),
  'log-file': log({ problem: 'EACCES' }),
  'log-errors': log({ errorsCount: 3, lastError: 'request errored' }),
};

/** Other ways in which the same checks have to fire, and how bad each is. */
export const BAD_TOO: readonly (readonly [id: string, severity: Severity, spoil: Spoil])[] = [
  ['redis-maxmemory', 'note', info('maxmemory:0\n')],
  ['redis-memory-full', 'error', info('used_memory:250000000\nmaxmemory_policy:noeviction\n')],
  ['redis-rights', 'warning', redis({ rights: { refused: ['PUBLISH'], dangerous: [] } })],
  ['redis-replication', 'warning', redis({ kind: 'sentinel' })],
  ['source-read-only', 'warning', postgres({ isSuperuser: true })],
  ['source-tenant-wall', 'error', postgres({ isSuperuser: true })],
  [
    'source-tenant-wall',
    'error',
    (good, t) => postgres({ tables: [{ ...tasks(good), isFreeToOwner: true }] })(good, t),
  ],
  [
    'source-tenant-wall',
    'error',
    (good, t) => postgres({ tables: [{ ...tasks(good), hasRowSecurity: false }] })(good, t),
  ],
  ['source-connections', 'warning', postgres({ maxConnectionsCount: 15, usedConnectionsCount: 3 })],
  ['source-slots', 'warning', postgres({ maxSlotsCount: 1 })],
  ['endpoint-validators', 'note', sources({ endpoint: { confirmsWith304: false } })],
  ['feed-lag', 'error', figures('dashcache_feed_ok{source="main"} 0\n')],
  ['feed-lag', 'error', figures('dashcache_feed_incomplete_seconds{source="main"} +Inf\n')],
  ['settings-same', 'warning', settings({ cacheEnabled: false })],
  ['settings-same', 'warning', (good) => but(good, { redisReach: null })],
  ['hit-rate-zero', 'note', counts({ hits: 0, misses: 0, bypasses: 0, errors: 0, total_requests: 0 })],
  ['admin-token', 'warning', settings({ isLoopback: false, host: '0.0.0.0', adminToken: null })],
  [
    'switch-off',
    'warning',
    (good) => {
      const panels = [{ panel: 'metrics', enabled: false, off_by: 'panel' as const }];
      const dashboards = [{ dashboard: 'operations', enabled: true, off_by: null, panels }];
      return but(good, { switches: { enabled: true, off_by: null, dashboards } });
    },
  ],
  ['clock-skew', 'warning', redis({ clockAheadMs: 5000 })],
  ['clock-skew', 'warning', postgres({ clockAheadMs: -7000 })],
  ['file-descriptors', 'error', figures('process_open_fds 60000\n')],
  ['memory-limit', 'error', figures('process_resident_memory_bytes 1.9e9\n')],
  ['log-file', 'warning', log({ freeBytes: 1e8 })],
  ['log-file', 'warning', log({ idleMs: 7_200_000 })],
  [
    'entry-too-large',
    'warning',
    (good) => but(good, { entries: [sampleEntry({ l1: sampleCopy({ bytes: 3_000_000 }) })] }),
  ],
];

/** Facts that do not tell enough: the check has to say so. */
export const BLIND: readonly (readonly [id: string, spoil: Spoil])[] = [
  ['redis-rights', redis({ rights: null })],
  ['redis-version', redis({ nodes: [{ name: 'a', info: new Map(), pingsMs: [] }] })],
  ['redis-eviction-policy', redis({ nodes: [{ name: 'a', info: new Map(), pingsMs: [] }] })],
  ['redis-clients', redis({ nodes: [{ name: 'a', info: new Map(), pingsMs: [] }] })],
  ['redis-prefix-full', statistics(() => ({ redis: null }))],
  ['source-read-only', sources({ main: { postgres: unknown('it is away') } })],
  ['endpoint-slow', sources({ legacy: { endpoint: unknown('it is away') } })],
  ['feed-tables', sources({ main: { feed: unknown('it is away') } })],
  ['definitions-valid', (good) => but(good, { queries: { ...factOf(good, 'queries'), absent: ['main'] } })],
  ['node-version', (good) => but(good, { figures: [] })],
  ['file-descriptors', (good) => but(good, { figures: [] })],
  ['memory-limit', (good) => but(good, { host: { ...factOf(good, 'host'), isOfService: false } })],
];
