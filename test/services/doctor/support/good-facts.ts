import { loadOptions } from '../../../../config/load-options.js';
import { loadConfig } from '../../../../config.js';
import { loadDefinitions } from '../../../../services/definitions/load-definitions.js';
import type { Definitions, Panel } from '../../../../services/definitions/model.js';
import { type Facts, type Gathered, known, type QueriesSeen } from '../../../../services/doctor/facts.js';
import { parseExposition } from '../../../../services/doctor/parse-exposition.js';
import { parseInfo, type RedisNodeSeen } from '../../../../services/doctor/redis/redis-seen.js';
import type { PostgresSeen, SourceSeen } from '../../../../services/doctor/source/source-seen.js';
import type { Load } from '../../../../services/doctor/statistics/miss-causes.js';
import type { CheckedStatement } from '../../../../services/sources/source.js';
import { sampleCopy, sampleEntry } from '../../../cli/support/sample-entries.js';
import { SAMPLE_STATISTICS } from '../../../cli/support/sample-statistics.js';
import type { Lifetime } from '../../../helpers/lifetime.js';
import { writeFiles } from './write-files.js';

export type Files = Readonly<Record<string, string>>;

export const FILES: Files = {
  'dashcache.yaml': `sources:
  main:
    type: postgres
    url: postgres://reader@127.0.0.1:5432/shop
    changes: { feed: logical, tables: { tasks: { tenant_column: site_id } } }
    row_level_security: { setting: app.tenant }
  legacy: { type: http, url: "http://127.0.0.1:9000/reports" }
`,
  'operations.yaml': `id: operations
source: main
params: { site_id: { type: integer, tenant: true } }
metrics: { query: SELECT count(*) AS total FROM tasks WHERE site_id = :site_id }
`,
  'sales.yaml': 'id: sales\nsource: legacy\nsummary: { path: /sales }\n',
};

/** The real definitions of these files. */
export async function definitionsOf(
  t: Lifetime,
  files: Files = FILES,
  environment: Readonly<Record<string, string>> = {},
): Promise<Definitions> {
  return loadDefinitions(writeFiles(t, files), loadOptions(loadConfig(environment)));
}

/** What a database would say of every query: it reads the table tasks. */
export function checkedBy(definitions: Definitions, checked: Partial<CheckedStatement> = {}): QueriesSeen {
  const panels = [...definitions.dashboards.values()].flatMap(({ panels: all }) => [...all.values()]);
  const statement: CheckedStatement = { columns: null, tables: ['tasks'], verdict: 'exact', ...checked };
  const endpoint: CheckedStatement = { columns: null, tables: [], verdict: 'unknown' };
  const isEndpoint = (panel: Panel) => definitions.sources.get(panel.sourceName)?.type === 'http';
  return {
    checked: new Map(panels.map((panel) => [panel, [isEndpoint(panel) ? endpoint : statement]])),
    faults: [],
    unproved: [],
    absent: [],
  };
}

const GOOD_INFO = `# Server
redis_version:7.0.15
role:master
connected_slaves:0
connected_clients:4
maxclients:10000
used_memory:4000000
used_memory_rss:9000000
maxmemory:256000000
maxmemory_policy:volatile-lru
evicted_keys:0
rdb_last_bgsave_status:ok
aof_last_write_status:ok
db0:keys=820,expires=800,avg_ttl=1
`;

export function redisNode(lines = '', pingsMs: readonly number[] = [0.2, 0.3, 0.2]): RedisNodeSeen {
  return { name: '127.0.0.1:6379', info: parseInfo(GOOD_INFO + lines), pingsMs };
}

const GOOD_POSTGRES: PostgresSeen = {
  versionNumber: 150_004,
  role: 'reader',
  isSuperuser: false,
  bypassesRowSecurity: false,
  writable: [],
  statementTimeoutMs: 60_000,
  timezone: 'UTC',
  maxConnectionsCount: 100,
  usedConnectionsCount: 12,
  maxSlotsCount: 10,
  slots: [{ name: 'dashcache_main_a', isActive: true, retainedBytes: 1000 }],
  clockAheadMs: 12,
  tables: [
    {
      name: 'tasks',
      rowsCount: 500_000,
      bytes: 50_000_000,
      columns: [
        { name: 'site_id', type: 'bigint' },
        { name: 'created_at', type: 'timestamp without time zone' },
      ],
      hasRowSecurity: true,
      isFreeToOwner: false,
      changesCount: 600,
      countedSeconds: 864_000,
    },
  ],
  plans: [],
};

export function sourcesOf(
  definitions: Definitions,
  changed: {
    readonly postgres?: Partial<PostgresSeen>;
    readonly main?: Partial<SourceSeen>;
    readonly legacy?: Partial<SourceSeen>;
    readonly endpoint?: Readonly<Record<string, unknown>>;
  } = {},
): SourceSeen[] {
  const columns = new Map([['tasks', ['site_id', 'created_at']]]);
  const none = { problem: null, columns, postgres: null, endpoint: null, feed: null };
  return [...definitions.sources.values()].map((definition): SourceSeen => {
    if (definition.type === 'http') {
      const panel = [...definitions.dashboards.values()].flatMap(({ panels }) => [...panels.values()]).at(-1);
      if (!panel) throw new Error('There is no panel');
      const endpoint = { panel, status: 200, durationMs: 40, hasValidator: true, confirmsWith304: true };
      const more = { isNoStore: false, contentType: 'application/json', ...changed.endpoint };
      return { definition, ...none, endpoint: known({ ...endpoint, ...more }), ...changed.legacy };
    }
    const isHeard = definition.type === 'postgres' && definition.changes !== null;
    return {
      definition,
      ...none,
      postgres: known({ ...GOOD_POSTGRES, ...changed.postgres }),
      feed: isHeard ? known({ faults: [], unheard: [] }) : null,
      ...changed.main,
    };
  });
}

export const GOOD_FIGURES = `nodejs_version_info{version="v24.1.0",major="24"} 1
process_open_fds 40
process_max_fds 65536
process_resident_memory_bytes 2e8
nodejs_eventloop_lag_p99_seconds 0.012
dashcache_feed_ok{source="main"} 1
dashcache_feed_incomplete_seconds{source="main"} 1.2
dashcache_feed_gaps_total{source="main"} 1
`;

export function load(changed: Partial<Load> = {}): Load {
  return {
    kind: 'refresh',
    at: '2026-11-25T08:00:00.000Z',
    dashboard: 'operations',
    panel: 'metrics',
    tenant: '7',
    params: { site_id: 7 },
    cause: 'stale',
    outcome: 'loaded',
    code: null,
    duration_ms: 120,
    ...changed,
  };
}

/** A system in which nothing is wrong. */
export async function goodFacts(t: Lifetime): Promise<Gathered> {
  const definitions = await definitionsOf(t);
  const panel = definitions.dashboards.get('operations')?.panels.get('metrics');
  const key = { ...sampleEntry().key, panel: 'metrics', definition: panel?.definitionHash ?? '' };
  const { targets, panels, ...statistics } = SAMPLE_STATISTICS;
  return {
    settings: known({
      host: '127.0.0.1',
      isLoopback: true,
      adminToken: 'x'.repeat(40),
      cacheEnabled: true,
      cacheMonitoring: true,
      logLevel: 'info',
      logFile: '/var/log/cache.log',
      memoryMaxBytes: 268_435_456,
      redisMaxBytes: 100_000_000,
      redisPrefix: 'dc:',
      slowCacheThresholdMs: 50,
      warnings: [],
      version: '0.6.0',
    }),
    host: known({
      isOfService: true,
      nodeVersion: 'v24.1.0',
      memoryLimitBytes: 2e9,
      log: {
        path: '/var/log/cache.log',
        problem: null,
        idleMs: 1000,
        freeBytes: 1e10,
        errorsCount: 0,
        lastError: null,
      },
    }),
    service: known({ address: 'http://127.0.0.1:8000', problem: null, refusal: null }),
    running: known({ degraded: [], version: '0.6.0', clockAheadMs: 100 }),
    monitoring: known({ isOn: true }),
    statistics: known({
      ...statistics,
      cache_stats: { ...statistics.cache_stats, errors: 2 },
      panels: panels.map((each) => ({ ...each, errors: 0 })),
      targets: targets.map((target) => ({ ...target, met: true })),
    }),
    figures: known(parseExposition(GOOD_FIGURES)),
    switches: known({ enabled: true, off_by: null, dashboards: [] }),
    events: known([load(), load(), load()]),
    entries: known([sampleEntry({ key, l1: sampleCopy(), l2: null })]),
    files: known({ faults: [] }),
    definitions: known(definitions),
    queries: known(checkedBy(definitions)),
    redisReach: known({ kind: 'single', problem: null }),
    redis: known({
      kind: 'single',
      nodes: [redisNode()],
      rights: { refused: [], dangerous: [] },
      clockAheadMs: 3,
      database: 0,
    }),
    sources: known(sourcesOf(definitions)),
  };
}

/** The same with some facts changed. */
export function but(good: Gathered, changed: Partial<Facts>): Gathered {
  const entries = Object.entries(changed).map(([name, value]) => [name, known(value)]);
  return { ...good, ...Object.fromEntries(entries) };
}

/** What is known, for a test that changes a part of it. */
export function factOf<N extends keyof Facts>(good: Gathered, name: N): Facts[N] {
  const fact = good[name];
  if (!fact.known) throw new Error(`${name} is not known`);
  return fact.value;
}
