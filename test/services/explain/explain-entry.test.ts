import t from 'tap';
import { Body } from '../../../services/cache/body.js';
import type { InspectedCopy, Inspection } from '../../../services/cache/inspection.js';
import { makeKey } from '../../../services/cache/key.js';
import type { PanelLook } from '../../../services/dashboard-cache-service.js';
import type { Panel } from '../../../services/definitions/model.js';
import { noTenant, tenantFromParameter } from '../../../services/definitions/tenant.js';
import { explainEntry } from '../../../services/explain/explain-entry.js';
import { panelRead } from '../../../services/panel-read.js';
import { integerParameter, panelOf, parametersOf, resolved } from '../../helpers/cache-panels.js';

const NOW_MS = Date.UTC(2026, 0, 1, 12);
const parameter = integerParameter('site_id', { tenant: true });

const copyOf = (given: Partial<InspectedCopy> = {}): InspectedCopy => ({
  entry: {
    keyHash: 'h',
    tenantHash: 't',
    stamp: { root: 'r', generations: [] },
    storedAtMs: NOW_MS - 12_000,
    staleAtMs: NOW_MS + 250_000,
    deleteAtMs: NOW_MS + 3_600_000,
    generatedAtMs: NOW_MS - 99_000,
    contentHash: 'c',
    etag: 'e',
    body: Body.of(Buffer.from('{"data":1}')),
  },
  use: 'fresh',
  staleAtMs: NOW_MS + 250_000,
  isOverdue: false,
  verdict: 'current',
  ...given,
});

const fresh = copyOf();
const stale = copyOf({ use: 'stale', staleAtMs: NOW_MS - 30_000 });
const expired = copyOf({ use: 'stale', staleAtMs: NOW_MS - 30_000, verdict: 'expired' });
const old = copyOf({ use: 'stale-if-error', staleAtMs: NOW_MS - 7_200_000 });
const purged = copyOf({ use: 'unusable', verdict: 'purged', staleAtMs: 0 });
const unknown = copyOf({ use: 'unusable', verdict: 'unknown', staleAtMs: 0 });
const dead = copyOf({ use: 'unusable', staleAtMs: NOW_MS - 90_000_000 });
const unprovable = copyOf({ use: 'unusable' });
const owed = copyOf({ use: 'stale', staleAtMs: NOW_MS - 5000 });
const overdue = copyOf({ use: 'stale-if-error', staleAtMs: NOW_MS - 20_000, isOverdue: true });

function lookOf(isEnabled = true, policy: Partial<Panel['policy']> = {}): PanelLook {
  const usual = panelOf({ parameters: [parameter], ttlOrigin: 'dashboard' });
  const panel = { ...usual, policy: { ...usual.policy, ...policy } };
  const read = panelRead(panel, parametersOf(resolved(parameter, 7)), tenantFromParameter('7'));
  const request = {
    key: makeKey('7', ['x']),
    tags: ['*:all', '1:7:panel:operations/metrics', 'foreign'],
    policy: panel.policy,
    load: async () => '',
    render: () => '',
  };
  return { read, tables: ['tasks'], request, isEnabled };
}

function explain(inspection: Partial<Inspection>, isEnabled = true, policy: Partial<Panel['policy']> = {}) {
  const found = {
    l1: null,
    l2: null,
    isSwitchedOff: false,
    isIsolated: false,
    leasedForMs: null,
    ...inspection,
  };
  const redisKeyOf = (hash: string) => `dc:{${hash}}:v`;
  return explainEntry(lookOf(isEnabled, policy), found, {
    nowMs: NOW_MS,
    redisKeyOf,
    tablesVerdictOf: () => 'over',
  });
}

const CASES: readonly [
  title: string,
  found: Partial<Inspection>,
  expected: { state: string; found_in: string | null; age_ms: number | null; reason: RegExp },
][] = [
  ['nothing', {}, { state: 'absent', found_in: null, age_ms: null, reason: /source: nothing is stored/ }],
  [
    'fresh in memory',
    { l1: fresh },
    { state: 'fresh', found_in: 'l1', age_ms: 12_000, reason: /memory: Fresh for another 4 min 10 s/ },
  ],
  [
    'fresh in Redis',
    { l2: fresh },
    { state: 'fresh', found_in: 'l2', age_ms: 12_000, reason: /from Redis: Fresh/ },
  ],
  ['both', { l1: fresh, l2: fresh }, { state: 'fresh', found_in: 'l1', age_ms: 12_000, reason: /memory/ }],
  [
    'stale',
    { l1: stale },
    {
      state: 'stale',
      found_in: 'l1',
      age_ms: 12_000,
      reason: /refreshed: Stale for 30 s \(its ttl was over\), within its grace of 1 min/,
    },
  ],
  ['expired', { l1: expired }, { state: 'stale', found_in: 'l1', age_ms: 12_000, reason: /\(an expire\)/ }],
  [
    'beyond grace',
    { l1: old },
    {
      state: 'stale',
      found_in: null,
      age_ms: null,
      reason: /source: Stale for 2 h .*only while the source fails/,
    },
  ],
  [
    'beyond grace here, fresh in Redis',
    { l1: old, l2: fresh },
    { state: 'fresh', found_in: 'l2', age_ms: 12_000, reason: /from Redis/ },
  ],
  [
    'purged',
    { l1: purged },
    { state: 'gone', found_in: null, age_ms: null, reason: /source: It was purged/ },
  ],
  ['unknown', { l1: unknown }, { state: 'gone', found_in: null, age_ms: null, reason: /Nobody can say/ }],
  ['too old', { l2: dead }, { state: 'gone', found_in: null, age_ms: null, reason: /Too old/ }],
  [
    'switched off',
    { l1: fresh, isSwitchedOff: true },
    { state: 'fresh', found_in: null, age_ms: null, reason: /switched off/ },
  ],
];
for (const [title, found, { reason, ...expected }] of CASES)
  t.test(`given ${title}, the next read is foretold`, async (t) => {
    const explained = explain(found);
    t.match(explained, expected);
    t.match(explained.reason, reason);
    t.equal(explained.enabled, !found.isSwitchedOff);
  });

t.test('CACHE_ENABLED=false is a switch too', async (t) => {
  t.match(explain({ l1: fresh }, false), { enabled: false, found_in: null, reason: /switched off/ });
});

t.test('the copies, the key, the ttl and the tags are told', async (t) => {
  const explained = explain({ l1: fresh, l2: purged });
  t.match(explained, {
    panel: 'metrics',
    params: { site_id: 7 },
    policy: {
      ttl_ms: 300_000,
      ttl_origin: 'dashboard',
      grace_ms: 60_000,
      max_staleness_ms: null,
      soft_deadline_ms: null,
    },
    source: 'main',
    tables: ['tasks'],
    tables_verdict: 'over',
    key: {
      hash: makeKey('7', ['x']).hash,
      redis_key: `dc:{${makeKey('7', ['x']).hash}}:v`,
      tenant: '7',
      params: [{ name: 'site_id', type: 'integer', value: '7' }],
    },
    tags: [
      { tag: '*:all', scope: 'all', name: null, tenant: null },
      { scope: 'panel', name: 'operations/metrics', tenant: '7' },
      { tag: 'foreign', scope: 'unknown', name: null, tenant: null },
    ],
    l1: {
      state: 'fresh',
      stored_at: '2026-01-01T11:59:48.000Z',
      stale_at: '2026-01-01T12:04:10.000Z',
      delete_at: '2026-01-01T13:00:00.000Z',
      generated_at: '2026-01-01T11:58:21.000Z',
      bytes: 10,
      etag: 'e',
    },
    l2: { state: 'gone' },
  });
  t.equal(
    explainEntry(
      { ...lookOf(), read: panelRead(panelOf(), new Map(), noTenant) },
      { l1: null, l2: null, isSwitchedOff: false, isIsolated: false, leasedForMs: null },
      { nowMs: NOW_MS, redisKeyOf: null, tablesVerdictOf: () => 'exact' },
    ).key.redis_key,
    null,
    'without Redis there is no name in it',
  );
});

t.test('what a contract or a missing proof ends is told by its name, and not as too old', async (t) => {
  const reasonOf = (l1: InspectedCopy) => explain({ l1 }, true, { maxStalenessMs: 10_000 }).reason;
  t.match(reasonOf(owed), /Stale for 5 s \(max_staleness asks for a renewal: no change feed tells/);
  t.match(reasonOf(overdue), /and older than max_staleness allows: served only while the source fails/);
  t.match(reasonOf(unprovable), /Redis does not answer, and unproven: never/);
  t.match(explain({ l1: dead }).reason, /Too old: its ttl, grace and stale_if_error ended .* ago/);
});
