import { type InspectedCopy, type Inspection, isServedAtOnce } from '../cache/inspection.js';
import type { PanelLook } from '../dashboard-cache-service.js';
import type { Panel } from '../definitions/model.js';
import type { TablesVerdict } from '../definitions/panel-tables.js';
import { paramsOf } from '../panel-read.js';
import { readTag } from '../panel-tags.js';
import type { ExplainedCopy, ExplainedEntry } from './entries-schema.js';
import { lengthInWords } from './length-in-words.js';

/** What else the explanation has to know. */
export interface ExplainContext {
  readonly nowMs: number;
  /** Name of an entry in Redis; null without Redis. */
  readonly redisKeyOf: ((keyHash: string) => string) | null;
  readonly tablesVerdictOf: (panel: Panel) => TablesVerdict;
}

type State = ExplainedCopy['state'];

/** What the next read of a panel would find, where, and why. */
export function explainEntry(
  look: PanelLook,
  inspection: Inspection,
  context: ExplainContext,
): ExplainedEntry {
  const { read, request, tables } = look;
  const { panel } = read;
  const { policy } = panel;
  const l1 = inspection.l1 && explainCopy(inspection.l1, look, context.nowMs);
  const l2 = inspection.l2 && explainCopy(inspection.l2, look, context.nowMs);
  const isEnabled = look.isEnabled && !inspection.isSwitchedOff;
  const served = isEnabled ? servedFrom(inspection, { l1, l2 }) : null;
  return {
    panel: panel.id,
    params: paramsOf(read),
    state: stateOf(l1, l2),
    reason: isEnabled
      ? nextRead(served, l1 ?? l2)
      : 'The cache is switched off for it: the next read asks the source.',
    found_in: served?.layer ?? null,
    age_ms: served?.copy.age_ms ?? null,
    enabled: isEnabled,
    policy: {
      ttl_ms: policy.ttlMs,
      ttl_origin: panel.ttlOrigin,
      grace_ms: policy.graceMs,
      stale_if_error_ms: policy.staleIfErrorMs,
      deadline_ms: policy.deadlineMs,
      max_staleness_ms: policy.maxStalenessMs,
      soft_deadline_ms: policy.softDeadlineMs,
      unproven: policy.unproven,
    },
    source: panel.sourceName,
    tables: [...tables],
    tables_verdict: context.tablesVerdictOf(panel),
    key: {
      hash: request.key.hash,
      redis_key: context.redisKeyOf?.(request.key.hash) ?? null,
      dashboard: panel.dashboardId,
      panel: panel.id,
      tenant: read.tenant.text,
      definition: panel.definitionHash,
      params: read.bound.map(({ parameter, canonical }) => ({
        name: parameter.name,
        type: parameter.type,
        value: canonical,
      })),
    },
    tags: request.tags.map(explainTag),
    l1,
    l2,
  };
}

function explainTag(tag: string): ExplainedEntry['tags'][number] {
  const said = readTag(tag);
  const scope = said?.scope;
  const name = scope && scope.kind !== 'all' ? scope.name : null;
  return { tag, scope: scope?.kind ?? 'unknown', name, tenant: said?.tenant ?? null };
}

function explainCopy(copy: InspectedCopy, look: PanelLook, nowMs: number): ExplainedCopy {
  const { entry, staleAtMs } = copy;
  return {
    ...judged(copy, look, nowMs),
    stored_at: instant(entry.storedAtMs),
    stale_at: instant(staleAtMs || entry.staleAtMs),
    delete_at: instant(entry.deleteAtMs),
    generated_at: instant(entry.generatedAtMs),
    age_ms: Math.max(0, nowMs - entry.storedAtMs),
    bytes: entry.body.identityBytes,
    etag: entry.etag,
  };
}

function judged(copy: InspectedCopy, look: PanelLook, nowMs: number): { state: State; reason: string } {
  const { verdict, use, staleAtMs } = copy;
  const why = verdict === 'expired' ? 'an expire' : reasonOfStale(copy, look.request.policy);
  if (verdict === 'purged') return { state: 'gone', reason: 'It was purged, or Redis lost the proof of it.' };
  if (verdict === 'lost' && use !== 'unusable') return { state: 'stale', reason: LOST_REASON[use] };
  if (verdict === 'unknown')
    return { state: 'gone', reason: 'Nobody can say now whether it was purged: Redis does not answer.' };
  switch (use) {
    case 'fresh':
      return { state: 'fresh', reason: `Fresh for another ${lengthInWords(staleAtMs - nowMs)}.` };
    case 'stale':
      return {
        state: 'stale',
        reason: `Stale for ${lengthInWords(nowMs - staleAtMs)} (${why}), within its grace of ${lengthInWords(look.request.policy.graceMs)}.`,
      };
    case 'stale-if-error':
      return {
        state: 'stale',
        reason: copy.isOverdue
          ? `Stale for ${lengthInWords(nowMs - staleAtMs)} (${why}), and older than max_staleness allows: served only while the source fails.`
          : `Stale for ${lengthInWords(nowMs - staleAtMs)} (${why}), beyond its grace: served only while the source fails.`,
      };
    case 'unusable':
      return { state: 'gone', reason: reasonOfUnusable(copy, look.request.policy, nowMs) };
  }
}

/** Nothing is known to have changed: only a contract asks for a renewal before the ttl does. */
function reasonOfStale(
  { entry, staleAtMs }: InspectedCopy,
  { maxStalenessMs }: PanelLook['request']['policy'],
): string {
  return maxStalenessMs !== null && staleAtMs < entry.staleAtMs
    ? 'max_staleness asks for a renewal: no change feed tells that it is still so'
    : 'its ttl was over';
}

function reasonOfUnusable(
  { entry, staleAtMs }: InspectedCopy,
  { graceMs, staleIfErrorMs }: PanelLook['request']['policy'],
  nowMs: number,
): string {
  const endedAtMs = Math.min(entry.deleteAtMs, staleAtMs + Math.max(graceMs, staleIfErrorMs));
  return nowMs >= endedAtMs
    ? `Too old: its ttl, grace and stale_if_error ended ${lengthInWords(nowMs - endedAtMs)} ago.`
    : 'Redis does not answer, and unproven: never keeps what nobody can prove.';
}

const LOST_BUT_NOT_PURGED = 'Redis lost the proof of it, and nobody is known to have purged it';
const LOST_REASON = {
  fresh: `${LOST_BUT_NOT_PURGED}.`,
  stale: `${LOST_BUT_NOT_PURGED}: served for a moment while it is loaded anew.`,
  'stale-if-error': `${LOST_BUT_NOT_PURGED}: served only while the source fails.`,
} as const;

interface Served {
  readonly layer: 'l1' | 'l2';
  readonly copy: ExplainedCopy;
}

/** Memory is asked first, and layer two where memory has nothing that is served at once. */
function servedFrom(
  inspection: Inspection,
  { l1, l2 }: { l1: ExplainedCopy | null; l2: ExplainedCopy | null },
): Served | null {
  if (l1 && isServedAtOnce(inspection.l1)) return { layer: 'l1', copy: l1 };
  return l2 && isServedAtOnce(inspection.l2) ? { layer: 'l2', copy: l2 } : null;
}

function nextRead(served: Served | null, found: ExplainedCopy | null): string {
  if (served === null)
    return `The next read loads it from the source${found ? `: ${found.reason}` : ': nothing is stored.'}`;
  const layer = served.layer === 'l1' ? 'memory' : 'Redis';
  const also = served.copy.state === 'stale' ? ' and has it refreshed' : '';
  return `The next read is answered from ${layer}${also}: ${served.copy.reason}`;
}

function stateOf(l1: ExplainedCopy | null, l2: ExplainedCopy | null): State {
  const order: readonly State[] = ['fresh', 'stale', 'gone'];
  return order.find((state) => l1?.state === state || l2?.state === state) ?? 'absent';
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
