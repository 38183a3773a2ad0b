import type { Explanation, ReadAnswer, ReadEvidence } from '../../../services/audit/evidence.js';
import type { ServedAs } from '../../../services/audit/served-as.js';
import type { ExplainedCopy, ExplainedEntry } from '../../../services/explain/entries-schema.js';
import { sampleCopy, sampleEntry } from '../../cli/support/sample-entries.js';

/** When the read of someEvidence began. */
export const READ_AT_MS = Date.parse('2026-11-25T08:10:00.000Z');
export const TTL_MS = 600_000;
export const GRACE_MS = 3_600_000;
export const STALE_IF_ERROR_MS = 86_400_000;
export const DEADLINE_MS = 30_000;

export const HIT: ServedAs = { outcome: 'hit', detail: 'l1', ttlSeconds: 300 };
export const STALE: ServedAs = { ...HIT, ttlSeconds: -30 };

/** A copy that is so old when it is looked at. */
export function copyOfAge(ageMs: number, etag = 'old'): ExplainedCopy {
  const storedAt = new Date(READ_AT_MS - ageMs).toISOString();
  return sampleCopy({ age_ms: ageMs, etag, stored_at: storedAt });
}

/** A look that begins so long after the read began. */
export function lookAt(fromReadMs: number, entry: Partial<ExplainedEntry>): Explanation {
  const fromMs = READ_AT_MS + fromReadMs;
  return { fromMs, toMs: fromMs + 10, entry: sampleEntry(entry) };
}

export interface Scene extends Partial<Omit<ReadEvidence, 'answer'>> {
  readonly servedAs?: ServedAs;
  /** Of what was served, and of the copy that is held. */
  readonly ageMs?: number;
  /** What the answer claims, if not the truth. */
  readonly claimedAgeSeconds?: number;
  readonly etag?: string;
}

/** A read that shows `old` while the source has said `new` for a second only: nothing is proven but by the scene. */
export function someEvidence(scene: Scene = {}): ReadEvidence {
  const { servedAs = HIT, ageMs = 60_000, etag = 'old', claimedAgeSeconds, ...rest } = scene;
  const held = { l1: copyOfAge(ageMs), l2: copyOfAge(ageMs) };
  const answer: ReadAnswer = {
    fromMs: READ_AT_MS,
    toMs: READ_AT_MS + 10,
    servedAs,
    ageSeconds: claimedAgeSeconds ?? Math.floor(ageMs / 1000),
    etag,
    text: '',
  };
  return {
    answer,
    content: 'old',
    before: lookAt(-20, held),
    after: lookAt(20, held),
    truth: { content: 'new', unchangedSinceMs: READ_AT_MS - 1000 },
    seen: ['new'],
    changes: [],
    redisAnswersSinceMs: READ_AT_MS - 60_000,
    ...rest,
  };
}
