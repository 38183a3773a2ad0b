import type { Outlook } from '../cache/inspection.js';
import type { CacheEvent } from '../events/events-schema.js';
import type { ExplainedCopy, ExplainedEntry } from './entries-schema.js';
import { lengthInWords } from './length-in-words.js';
import { absentReason, failedSince, isInvalidating } from './missing-entry.js';
import { panelStory } from './panel-story.js';
import type { PanelWhy, StoryLine } from './why-schema.js';

export interface WhyContext {
  readonly nowMs: number;
  /** What this process remembers, the oldest first: of one millisecond too. */
  readonly events: readonly CacheEvent[];
  readonly outlook: Outlook;
  /** How long another process may be loading it yet; null: none is known to. */
  readonly leasedForMs: number | null;
  /** Redis does not answer: nobody can prove what is kept here. */
  readonly isIsolated: boolean;
  /** CACHE_ENABLED. */
  readonly cacheEnabled: boolean;
  /** When the schedule of the dashboard comes next (wall clock, ms); null without one. */
  readonly warmedAtMs: number | null;
}

const ISOLATED = '; Redis does not answer, so what others did since is not known here';

/** Why a read of a panel would now hit or miss, what brought that about, and which refresh comes next. */
export function explainWhy(entry: ExplainedEntry, context: WhyContext): PanelWhy {
  const { panel, params, state, reason, found_in, age_ms, enabled } = entry;
  const story = panelStory(entry, context.events);
  const answer = !enabled ? 'bypass' : found_in === null ? 'miss' : 'hit';
  return {
    ...{ panel, params, state, reason, found_in, age_ms, enabled, answer },
    because: `${becauseOf(entry, story, context)}${context.isIsolated && enabled ? ISOLATED : ''}`,
    refresh: refreshDue(entry, context),
    story,
  };
}

function becauseOf(entry: ExplainedEntry, story: readonly StoryLine[], context: WhyContext): string {
  if (!entry.enabled)
    return context.cacheEnabled ? offReason(story) : 'CACHE_ENABLED is false: no read uses the cache';
  const copy = copyOf(entry);
  if (copy === null) return absentReason(entry, { story, nowMs: context.nowMs });
  const load = loadOf(copy, story);
  if (copy.state === 'fresh') return `${load?.text ?? 'loaded'}; nothing has invalidated it since`;
  const after = load ? story.slice(story.indexOf(load) + 1) : story;
  const reason = after.findLast(isInvalidating)?.text ?? copy.reason;
  const failed = failedSince(after, { entry, nowMs: context.nowMs });
  return failed === '' ? reason : `${reason.replace(/\.$/, '')}${failed}`;
}

/** The last switch that went off and was not moved back. */
function offReason(story: readonly StoryLine[]): string {
  const moves = story.flatMap(({ text, event }) => (event?.kind === 'switch' ? [{ text, event }] : []));
  const off = moves.findLast(
    ({ event }, at) =>
      !event.enabled &&
      !moves.slice(at + 1).some(({ event: later }) => later.enabled && isSamePlace(later, event)),
  );
  return off?.text ?? 'the cache is switched off, and this process did not see when';
}

/** What the copy came from, as far as the story tells: the load that ended when it was stored. */
function loadOf({ stored_at }: ExplainedCopy, story: readonly StoryLine[]): StoryLine | undefined {
  const loads = story.filter(
    ({ event }) => event === null || (event.kind === 'refresh' && event.outcome === 'loaded'),
  );
  return loads.toSorted((a, b) => distance(a, stored_at) - distance(b, stored_at))[0];
}

function distance({ at }: StoryLine, instant: string): number {
  return Math.abs(Date.parse(at) - Date.parse(instant));
}

function copyOf({ found_in, l1, l2 }: ExplainedEntry): ExplainedCopy | null {
  if (found_in !== null) return found_in === 'l1' ? l1 : l2;
  return l1 ?? l2;
}

function refreshDue(entry: ExplainedEntry, context: WhyContext): PanelWhy['refresh'] {
  const { outlook, leasedForMs, warmedAtMs } = context;
  const copy = copyOf(entry);
  return {
    state: leasedForMs === null ? outlook.is : 'running',
    reason: refreshReason(entry, { ...context, copy }),
    stale_at: copy?.stale_at ?? null,
    contract_ends_at: instantOf(outlook.overdueAtMs),
    warmed_at: instantOf(warmedAtMs),
  };
}

function refreshReason(
  entry: ExplainedEntry,
  { copy, nowMs, outlook, leasedForMs }: WhyContext & { copy: ExplainedCopy | null },
): string {
  if (!entry.enabled) return 'None: the cache is switched off for it.';
  if (outlook.is === 'running') return 'It is being loaded now.';
  if (leasedForMs !== null)
    return `Another process has the lease to load it: its result is waited for. If it has died, its lease ends in ${lengthInWords(leasedForMs)}.`;
  if (outlook.is === 'waiting')
    return outlook.inMs > 0
      ? `One waits, and may begin in ${lengthInWords(outlook.inMs)}: it was refreshed just now.`
      : 'One waits for its turn: others come first, or the budget of its source is spent.';
  if (copy === null || entry.found_in === null) return 'None: the next read loads it.';
  const ownWill = outlook.isLive
    ? ' After a change it is refreshed by itself, because somebody has read it within the last minute.'
    : '';
  if (copy.state === 'fresh')
    return `None before its ttl ends in ${lengthInWords(Date.parse(copy.stale_at) - nowMs)}; the first read after that brings one.${ownWill}`;
  return outlook.isLive
    ? 'The next read or change brings one: it is stale.'
    : 'The next read brings one: nobody has read it within the last minute, so it is not refreshed by itself.';
}

function instantOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

type Switched = Extract<CacheEvent, { kind: 'switch' }>;

function isSamePlace(one: Switched, other: Switched): boolean {
  return one.dashboard === other.dashboard && one.panel === other.panel;
}
