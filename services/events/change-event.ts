import type { ToldChange } from '../changes/source-changes.js';
import type { CacheEvent } from './events-schema.js';

/** An event names so many tables, and of each so many tenants, at the most. */
const NAMES_MAX_COUNT = 100;

/** What the trail keeps of changed data. */
export function changeEvent({ source, by, changes }: ToldChange, nowMs: number): CacheEvent {
  const tables = changes
    .slice(0, NAMES_MAX_COUNT)
    .map(({ table, tenants }) => ({ table, tenants: tenants?.slice(0, NAMES_MAX_COUNT) ?? null }));
  return { kind: 'change', at: new Date(nowMs).toISOString(), source, by, tables };
}
