import { lengthInWords } from '../explain/length-in-words.js';
import { BOUND } from './bounds.js';
import type { BindingChange, ReadEvidence, TruthNow } from './evidence.js';
import { judgeHeaders } from './judge-headers.js';
import { servedState } from './served-as.js';
import { storedBetween } from './stored-between.js';
import type { Fault, Verdict, ViolationKind } from './verdict.js';

/**
 * Whether a read kept within its bound. A read is accused only on proof: every uncertainty (of clocks, of what others
 * know, of when a load began) counts for it. The question that it answers has been checked before.
 */
export function judgeRead(evidence: ReadEvidence): Verdict {
  const { content, seen } = evidence;
  const isIdentical = seen.includes(content);
  // What is shown says more than what is said about it.
  const fault = (isIdentical ? null : judgeContent(evidence)) ?? judgeHeaders(evidence);
  if (fault) return { is: 'violation', fault };
  return { is: isIdentical ? 'identical' : 'older' };
}

/** Of what is not what the source says now: whether it may be served all the same. */
function judgeContent(evidence: ReadEvidence): Fault | null {
  return changeIgnored(evidence) ?? tooOld(evidence) ?? notTheSource(evidence);
}

/** Nothing from before a purge is served after it, and nothing from before an expire as fresh; but unproven it may be. */
function changeIgnored(evidence: ReadEvidence): Fault | null {
  const { answer, changes } = evidence;
  const { outcome, detail } = answer.servedAs;
  if (outcome !== 'hit' || detail === 'unproven') return null;
  const readAtMs = contentReadBeforeMs(evidence);
  const bound = changes.filter(({ beganAtMs, bindsFromMs }) => {
    return answer.fromMs > bindsFromMs && readAtMs < beganAtMs;
  });
  const purge = bound.find(({ mode }) => mode === 'purge');
  const expire =
    servedState(answer.servedAs) === 'fresh' ? bound.find(({ mode }) => mode === 'expire') : undefined;
  if (purge) return ignored('purge_ignored', 'nothing from before', { change: purge, evidence });
  return expire
    ? ignored('expire_ignored', 'nothing from before as fresh', { change: expire, evidence })
    : null;
}

function ignored(
  kind: ViolationKind,
  promise: string,
  { change, evidence }: { change: BindingChange; evidence: ReadEvidence },
): Fault {
  const { fromMs } = evidence.answer;
  const loaded = lengthInWords(change.beganAtMs - contentReadBeforeMs(evidence));
  return {
    kind,
    promised: `${promise} ${change.words}`,
    seen: `a read that began ${lengthInWords(fromMs - change.bindsFromMs)} after it was in force here was given what was read at least ${loaded} before it`,
  };
}

/** Fresh within the ttl, stale within the grace, and so on (RFC 5861). */
function tooOld(evidence: ReadEvidence): Fault | null {
  const { answer, after } = evidence;
  const as = servedState(answer.servedAs);
  if (as === null) return null;
  const { ttl_ms, grace_ms, stale_if_error_ms, deadline_ms } = after.entry.policy;
  const beyondMs = {
    fresh: 0,
    stale: grace_ms,
    'stale-if-error': stale_if_error_ms,
    unproven: Math.max(grace_ms, stale_if_error_ms),
  };
  const boundMs = ttl_ms + beyondMs[as];
  const saidAgeMs = answer.fromMs - storedBetween(evidence).toMs;
  // Age counts from the end of a load, whose query may have begun a deadline earlier.
  const provenAgeMs = answer.fromMs - contentReadBeforeMs(evidence) - deadline_ms;
  const ageMs = Math.max(saidAgeMs, provenAgeMs);
  if (ageMs <= boundMs + 1000) return null;
  return {
    kind: 'too_old',
    promised: `served as ${as}: at most ${lengthInWords(boundMs)} old`,
    seen: `older than the source by at least ${lengthInWords(ageMs)}`,
  };
}

/** What says that it was loaded when the source is known to have said something else already. */
function notTheSource(evidence: ReadEvidence): Fault | null {
  const { truth } = evidence;
  if (truth === null) return null;
  const loadBeganMs = loadBeganAfterMs(evidence);
  if (loadBeganMs <= truth.unchangedSinceMs + BOUND.sourceLagMs) return null;
  const aheadMs = loadBeganMs - truth.unchangedSinceMs;
  return {
    kind: 'not_the_source',
    promised: 'what the source said when it was loaded',
    seen: `something else, though the source had not changed for ${lengthInWords(aheadMs)} when that load can have begun at the earliest`,
  };
}

/** The latest instant at which the source can have said this. */
function contentReadBeforeMs(evidence: ReadEvidence): number {
  return Math.min(storedBetween(evidence).toMs, sourceMovedOnMs(evidence.truth));
}

function sourceMovedOnMs(truth: TruthNow | null): number {
  return truth === null ? Number.POSITIVE_INFINITY : truth.unchangedSinceMs + BOUND.sourceLagMs;
}

/** The earliest instant at which the load can have begun that this came from. */
function loadBeganAfterMs(evidence: ReadEvidence): number {
  const { answer, after } = evidence;
  const { deadline_ms } = after.entry.policy;
  switch (answer.servedAs.outcome) {
    case 'miss':
      return answer.fromMs;
    case 'collapsed':
    case 'bypass':
      return answer.fromMs - deadline_ms;
    case 'hit':
      return storedBetween(evidence).fromMs - deadline_ms;
  }
}
