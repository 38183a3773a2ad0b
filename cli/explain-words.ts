import type { ExplainedEntry } from '../services/explain/entries-schema.js';
import { readableDuration } from './readable-figures.js';
import type { Terminal } from './terminal.js';

const PLACES = { l1: 'in memory (l1)', l2: 'in Redis (l2)' } as const;

/** Where the next read would find it; empty where nowhere. */
export function foundIn({ found_in }: Pick<ExplainedEntry, 'found_in'>): string {
  return found_in === null ? '' : PLACES[found_in];
}

const TTL_ORIGINS: Readonly<Record<string, string>> = {
  panel: 'from the panel itself',
  dashboard: 'from its dashboard',
  options: 'fixed for options',
};

/** Which ttl applies and why: `10 min, from CHART_DATA_TIMEOUT`. */
export function ttlText({ ttl_ms, ttl_origin }: ExplainedEntry['policy']): string {
  return `${readableDuration(ttl_ms)}, ${TTL_ORIGINS[ttl_origin] ?? `from ${ttl_origin}`}`;
}

export function colorOfState(state: ExplainedEntry['state'], colors: Terminal['colors']): string {
  if (state === 'fresh') return colors.green(state);
  return state === 'stale' ? colors.yellow(state) : colors.red(state);
}
