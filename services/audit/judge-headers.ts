import { lengthInWords } from '../explain/length-in-words.js';
import { BOUND } from './bounds.js';
import type { ReadEvidence } from './evidence.js';
import { claimedStored, heldCopies, heldTheSame, opaque } from './stored-between.js';
import type { Fault } from './verdict.js';

/** What of the evidence tells whether the headers are honest. */
type HeaderEvidence = Pick<ReadEvidence, 'answer' | 'before' | 'after' | 'redisAnswersSinceMs'>;

/** Whether a hit says of itself what its service says of it, whatever it shows. Null: nothing speaks against it. */
export function judgeHeaders(evidence: HeaderEvidence): Fault | null {
  if (evidence.answer.servedAs.outcome !== 'hit') return null;
  return falseAge(evidence) ?? unexplained(evidence) ?? unprovenTooLong(evidence);
}

/** An Age that makes it younger than every copy that the service holds of it. */
function falseAge(evidence: HeaderEvidence): Fault | null {
  const { answer } = evidence;
  const same = heldCopies(evidence).filter(({ copy }) => opaque(copy.etag) === answer.etag);
  if (same.length === 0) return null;
  const youngestMs = Math.max(...same.map(({ stored }) => stored.toMs));
  if (claimedStored(evidence).fromMs <= youngestMs) return null;
  return {
    kind: 'false_age',
    promised: `Age: ${answer.ageSeconds}`,
    seen: `a copy that was loaded ${lengthInWords(answer.fromMs - youngestMs)} before the read`,
  };
}

/** What no copy is that the service held, before the read and after it, while nothing changed in between. */
function unexplained(evidence: HeaderEvidence): Fault | null {
  const { answer } = evidence;
  const held = heldCopies(evidence);
  // With none at all, Redis may have answered the read, and neither of the looks.
  if (held.length === 0 || !heldTheSame(evidence)) return null;
  if (held.some(({ copy }) => opaque(copy.etag) === answer.etag)) return null;
  const etags = [...new Set(held.map(({ copy }) => opaque(copy.etag)))];
  return {
    kind: 'unexplained',
    promised: `a hit: one of the stored copies, with ETag ${etags.join(' or ')}`,
    seen: `ETag ${answer.etag}`,
  };
}

/** Once Redis answers again, what nobody can prove is served for a moment only. */
function unprovenTooLong({ answer, redisAnswersSinceMs }: HeaderEvidence): Fault | null {
  if (answer.servedAs.detail !== 'unproven' || redisAnswersSinceMs === null) return null;
  const sinceMs = answer.fromMs - redisAnswersSinceMs;
  // A process learns within its trust that Redis is away, so it may be away for that long unseen.
  if (sinceMs <= BOUND.unprovenMs + BOUND.trustMs) return null;
  return {
    kind: 'unproven_too_long',
    promised: `nothing unproven ${lengthInWords(BOUND.unprovenMs)} after Redis answers again`,
    seen: `an unproven answer, though Redis has answered for ${lengthInWords(sinceMs)}`,
  };
}
