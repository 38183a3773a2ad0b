import type { Test } from 'tap';
import type { Warmed } from '../../../services/warming/warming-schema.js';
import { type ScriptedService, scriptedService } from '../../helpers/scripted-service.js';
import { SAMPLE_PERIODS, samplePeriod } from '../../services/report/support/sample-report.js';
import { sampleEntries, sampleEntry } from './sample-entries.js';
import { SAMPLE_STATISTICS } from './sample-statistics.js';
import { sampleWhy } from './sample-why.js';

const REACHED = { reach: 'replicated', processes: 3, confirmed: 3 };
const TENANTS = ['7', '8', '9', '12'];

function warmed(counts: Partial<Warmed>): Warmed {
  const none = { panels: 14, loaded: 14, fresh: 0, failed: 0, switched_off: 0, hits: 14, duration_ms: 310 };
  return { dashboard: 'operations', tenants: 1, ...none, problems: [], ...counts };
}

const on = { enabled: true, off_by: null };
const STATES = {
  ...on,
  dashboards: [
    {
      dashboard: 'operations',
      ...on,
      panels: [
        { panel: 'metrics', ...on },
        { panel: 'charts/tasks', enabled: false, off_by: 'panel' },
        { panel: 'summary', ...on },
      ],
    },
  ],
};

const entries = [
  sampleEntry({
    panel: 'metrics',
    state: 'stale',
    reason: 'answered from Redis while it is refreshed: its ttl is over',
    found_in: 'l2',
    age_ms: 412_000,
    policy: { ...sampleEntry().policy, ttl_ms: 300_000, ttl_origin: 'METRICS_TIMEOUT' },
  }),
  sampleEntry(),
  sampleEntry({
    panel: 'summary',
    state: 'absent',
    reason: 'loaded from its source: nothing is stored',
    found_in: null,
    age_ms: null,
    policy: { ...sampleEntry().policy, ttl_ms: 3_600_000, ttl_origin: 'panel' },
  }),
];

/** The service that the examples of docs/commands.md ask. */
export function pageService(t: Test): Promise<ScriptedService> {
  const explained = (url: string) => `GET /cache/entries?url=${encodeURIComponent(url)}`;
  return scriptedService(t, {
    'GET /reports/cache-statistics/': SAMPLE_STATISTICS,
    'GET /reports/cache-periods': {
      ...SAMPLE_PERIODS,
      total: samplePeriod('total', { last_day: '2026-11-18', requests: 148_000 }),
      periods: ['2026-11-16', '2026-11-17', '2026-11-18'].map((day) =>
        samplePeriod('day', { first_day: day, last_day: day }),
      ),
    },
    'GET /dashboards': {
      dashboards: [
        { id: 'operations', tenant: 'site_id', panels: [{ id: 'metrics' }, { id: 'charts/tasks' }] },
      ],
    },
    'GET /dashboards/operations/options/site_id': { options: TENANTS.map((value) => ({ value })) },
    'POST /cache/warmings': TENANTS.map((_, i) => warmed(i === 0 ? { loaded: 3, fresh: 11 } : {})),
    'POST /cache/invalidations': REACHED,
    'GET /cache/switch': STATES,
    'PUT /cache/switch': { ...REACHED, ...STATES },
    [`GET /cache/why?url=${encodeURIComponent('/dashboards/operations/charts/tasks?site_id=7')}`]:
      sampleWhy(),
    [explained('/dashboards/operations?site_id=7')]: sampleEntries(entries),
    [explained('/dashboards/operations/charts/tasks?site_id=7')]: sampleEntries([sampleEntry()]),
  });
}
