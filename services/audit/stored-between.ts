import type { ExplainedCopy } from '../explain/entries-schema.js';
import type { Explanation, ReadEvidence, Span } from './evidence.js';

/** A copy that the service says it holds, and when that was loaded, as this machine counts time. */
export interface HeldCopy {
  readonly copy: ExplainedCopy;
  readonly stored: Span;
}

/** All copies that were seen before and after a read. */
export function heldCopies({ before, after }: Pick<ReadEvidence, 'before' | 'after'>): HeldCopy[] {
  return [before, after].flatMap(({ entry, fromMs, toMs }) =>
    [entry.l1, entry.l2]
      .filter((copy) => copy !== null)
      .map((copy) => ({ copy, stored: { fromMs: fromMs - copy.age_ms, toMs: toMs - copy.age_ms } })),
  );
}

/** When an answer says that it was loaded: Age is in whole seconds, cut off. */
export function claimedStored({ answer }: Pick<ReadEvidence, 'answer'>): Span {
  const { fromMs, toMs, ageSeconds } = answer;
  return { fromMs: fromMs - (ageSeconds + 1) * 1000, toMs: toMs - ageSeconds * 1000 };
}

/** When what was served was loaded: as exactly as the held copies of it tell, else as its Age says. */
export function storedBetween(evidence: Pick<ReadEvidence, 'answer' | 'before' | 'after'>): Span {
  const same = heldCopies(evidence).filter(({ copy }) => opaque(copy.etag) === evidence.answer.etag);
  if (same.length === 0) return claimedStored(evidence);
  return {
    fromMs: Math.min(...same.map(({ stored }) => stored.fromMs)),
    toMs: Math.max(...same.map(({ stored }) => stored.toMs)),
  };
}

/** The text of an entity tag without its quotes. */
export function opaque(etag: string): string {
  return etag.replace(/^(W\/)?"(.*)"$/, '$2');
}

/** Whether the service held the same before and after. */
export function heldTheSame({ before, after }: Pick<ReadEvidence, 'before' | 'after'>): boolean {
  return marksOf(before) === marksOf(after);
}

function marksOf({ entry }: Explanation): string {
  return JSON.stringify([entry.l1, entry.l2].map((copy) => copy && [copy.etag, copy.stored_at]));
}
