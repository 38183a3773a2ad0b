import type { CacheEvent } from '../events/events-schema.js';
import type { ExplainedEntry } from '../explain/entries-schema.js';
import { BOUND } from './bounds.js';
import type { BindingChange } from './evidence.js';

type Invalidation = Extract<CacheEvent, { kind: 'invalidation' }>;
type NewRoot = Extract<CacheEvent, { kind: 'new_root' }>;

/** What one replica remembers of late, and what its instants are here. */
export interface Trail {
  readonly events: readonly CacheEvent[];
  /** What is added to an instant of its clock: it lies between. Null where its clock is not known yet. */
  readonly toHere: { readonly leastMs: number; readonly mostMs: number } | null;
  /** Since when every look found that Redis answers it. */
  readonly redisAnswersSinceMs: number | null;
}

/**
 * The invalidations that reads of this entry at one replica have to heed, out of its own trail and those of the others.
 * Only what was learned while Redis was seen to answer: who hears of a purge after an absence cannot tell when it was.
 */
export function bindingChanges(
  { own, others }: { readonly own: Trail; readonly others: readonly Trail[] },
  tags: ExplainedEntry['tags'],
): BindingChange[] {
  // What one loaded, another may serve: its instants are of the clock of the first.
  const skewMs = skewOf([own, ...others]);
  return [
    ...changesOf(own, { tags, skewMs, bindsAfterMs: 0 }),
    // It holds everywhere a trust later, even where nobody has heard of it.
    ...others.flatMap((trail) => changesOf(trail, { tags, skewMs, bindsAfterMs: BOUND.trustMs })),
  ];
}

/** How far the clocks of the replicas may be apart. */
function skewOf(trails: readonly Trail[]): number {
  const known = trails.map(({ toHere }) => toHere).filter((toHere) => toHere !== null);
  if (known.length === 0) return 0;
  return Math.max(...known.map(({ mostMs }) => mostMs)) - Math.min(...known.map(({ leastMs }) => leastMs));
}

interface Binding {
  readonly tags: ExplainedEntry['tags'];
  readonly skewMs: number;
  readonly bindsAfterMs: number;
}

function changesOf(
  { events, toHere, redisAnswersSinceMs }: Trail,
  { tags, skewMs, bindsAfterMs }: Binding,
): BindingChange[] {
  if (toHere === null || redisAnswersSinceMs === null) return [];
  return events.flatMap((event): BindingChange[] => {
    if (event.kind !== 'invalidation' && event.kind !== 'new_root') return [];
    const learnedMs = Date.parse(event.at);
    if (learnedMs + toHere.leastMs < redisAnswersSinceMs + BOUND.trustMs) return [];
    const words = event.kind === 'new_root' ? rootWords(event) : invalidationWords(event, tags);
    if (words === null || (event.kind === 'invalidation' && !event.taken)) return [];
    const extraMs = event.kind === 'new_root' ? BOUND.unprovenMs : 0;
    return [
      {
        mode: event.kind === 'new_root' ? 'purge' : event.mode,
        // Whoever learned of it did so within his trust.
        beganAtMs: learnedMs + toHere.leastMs - BOUND.trustMs - skewMs,
        bindsFromMs: learnedMs + toHere.mostMs + bindsAfterMs + extraMs,
        words,
      },
    ];
  });
}

/** A process that has just come finds its first root, which says nothing of what was before. */
function rootWords({ cause }: NewRoot): string | null {
  return cause === 'first' ? null : 'the loss of what was in Redis';
}

/** Null where the entry has none of its tags. */
function invalidationWords({ mode, scopes }: Invalidation, tags: ExplainedEntry['tags']): string | null {
  const hit = scopes.find((scope) =>
    tags.some((tag) => tag.scope === scope.scope && tag.name === scope.name && tag.tenant === scope.tenant),
  );
  if (!hit) return null;
  const what = hit.name === null ? 'everything' : `${hit.scope} ${hit.name}`;
  return `the ${mode} of ${what}${hit.tenant === null ? '' : ` of tenant ${hit.tenant}`}`;
}
