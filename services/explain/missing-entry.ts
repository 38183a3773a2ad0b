import type { ExplainedEntry } from './entries-schema.js';
import { lengthInWords } from './length-in-words.js';
import { isOfDefinition } from './panel-story.js';
import type { StoryLine } from './why-schema.js';

/** What takes something back, or proves nothing of before any more. Of a change and its invalidation the latter says more. */
export function isInvalidating({ event }: StoryLine): boolean {
  return event?.kind === 'invalidation' || event?.kind === 'new_root';
}

/** Why nothing is stored, as far as this process knows. */
export function absentReason(
  entry: ExplainedEntry,
  { story, nowMs }: { readonly story: readonly StoryLine[]; readonly nowMs: number },
): string {
  const loads = story.filter(({ event }) => event?.kind === 'refresh' && event.outcome === 'loaded');
  const last = loads.findLast(({ event }) => event && isOfDefinition(event, entry));
  const after = last ? story.slice(story.indexOf(last) + 1) : story;
  const failed = failedSince(after, { entry, nowMs });
  if (last) return `nothing is stored: ${lostReason(last, { entry, after, nowMs })}${failed}`;
  if (loads.length > 0)
    return `nothing is stored since its definition changed: what was loaded before is of an earlier one${failed}`;
  const touching = after.findLast(isInvalidating);
  const told = touching && !failed ? `; the last that touched it: ${touching.text}` : '';
  return `nothing is stored, and this process remembers no load of it${failed}${told}`;
}

/** `; its last load failed 3 s ago (source_down)`; empty where it succeeded, or there was none. */
export function failedSince(
  story: readonly StoryLine[],
  { entry, nowMs }: { readonly entry: ExplainedEntry; readonly nowMs: number },
): string {
  const last = story.findLast(({ event }) => event && isOfDefinition(event, entry));
  if (last?.event?.kind !== 'refresh' || last.event.outcome !== 'failed') return '';
  return `; its last load failed ${agoOf(last, nowMs)} (${last.event.code ?? 'unknown'})`;
}

/** Why what was loaded is not there any more. */
function lostReason(
  load: StoryLine,
  { entry, after, nowMs }: { entry: ExplainedEntry; after: readonly StoryLine[]; nowMs: number },
): string {
  const invalidated = after.findLast(isInvalidating);
  if (invalidated) return invalidated.text;
  const { ttl_ms, grace_ms, stale_if_error_ms } = entry.policy;
  const leftMs = Date.parse(load.at) + ttl_ms + Math.max(grace_ms, stale_if_error_ms) - nowMs;
  return leftMs <= 0
    ? `what was loaded ${agoOf(load, nowMs)} is over: ttl, grace and stale_if_error allow no more`
    : `what was loaded ${agoOf(load, nowMs)} could be kept for another ${lengthInWords(leftMs)}, but made room for others, or was too large to be kept (MEMORY_MAX_BYTES, REDIS_MAX_BYTES, maxmemory of Redis)`;
}

function agoOf({ at }: StoryLine, nowMs: number): string {
  return `${lengthInWords(nowMs - Date.parse(at))} ago`;
}
