import type { CacheAnswer } from '../cache/answer.js';

/** The part of an answer that Cache-Status and Age tell of. */
export type AnswerFacts = Pick<
  CacheAnswer,
  'outcome' | 'layer' | 'staleAtMs' | 'stored' | 'keep' | 'isUnproven' | 'isReload'
> & {
  readonly entry: { readonly storedAtMs: number };
};

const HIT_OUTCOMES: ReadonlySet<CacheAnswer['outcome']> = new Set([
  'hit',
  'stale_hit',
  'error_hit',
  'unproven_hit',
]);

/** Whether it was answered from an entry, fresh or not. */
export function isHit(answer: Pick<CacheAnswer, 'outcome'>): boolean {
  return HIT_OUTCOMES.has(answer.outcome);
}

/** Cache-Status of one answer (RFC 9211). */
export function cacheStatus(answer: AnswerFacts, nowMs: number): string {
  const ttl = `ttl=${ttlSeconds(answer, nowMs)}`;
  switch (answer.outcome) {
    case 'hit':
    case 'stale_hit':
      return `dashcache; hit; ${ttl}; detail=${answer.layer}`;
    case 'error_hit':
      return `dashcache; hit; ${ttl}; detail=stale-if-error`;
    case 'unproven_hit':
      return `dashcache; hit; ${ttl}; detail=unproven`;
    case 'miss':
      return `dashcache; fwd=${why(answer)}${answer.stored ? `; stored; ${ttl}` : ''}`;
    case 'collapsed':
      return `dashcache; fwd=${why(answer)}; collapsed${unproven(answer)}`;
    case 'bypass':
      return `dashcache; fwd=bypass${unproven(answer)}`;
  }
}

/** Cache-Status of a whole dashboard: a hit only if every panel is one, with the ttl of the first to become stale. */
export function dashboardCacheStatus(answers: readonly (AnswerFacts | null)[], nowMs: number): string {
  const given = answers.filter((answer) => answer !== null);
  if (given.length > 0 && given.length === answers.length && given.every(isHit)) {
    return `dashcache; hit; ttl=${Math.min(...given.map((answer) => ttlSeconds(answer, nowMs)))}`;
  }
  const waited = given.filter((answer) => !isHit(answer));
  const isBypass = waited.length > 0 && waited.every((answer) => answer.outcome === 'bypass');
  if (isBypass) return 'dashcache; fwd=bypass';
  return waited.length > 0 && waited.every(({ isReload }) => isReload)
    ? 'dashcache; fwd=request'
    : 'dashcache; fwd=uri-miss';
}

/** request: there may have been something, which its reader did not want. */
function why({ isReload }: AnswerFacts): 'request' | 'uri-miss' {
  return isReload ? 'request' : 'uri-miss';
}

function unproven({ isUnproven }: AnswerFacts): string {
  return isUnproven ? '; detail=unproven' : '';
}

/** Age in whole seconds since the last successful load (RFC 9111 section 5.1). */
export function ageSeconds(entry: { readonly storedAtMs: number }, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - entry.storedAtMs) / 1000));
}

/**
 * Floor of seconds. The clock goes on between the read and this line: what was read fresh says 0 rather than less, and what
 * was read stale never claims to be fresh.
 */
export function ttlSeconds(answer: Pick<AnswerFacts, 'outcome' | 'staleAtMs'>, nowMs: number): number {
  const ttl = Math.floor((answer.staleAtMs - nowMs) / 1000);
  if (answer.outcome === 'hit' || answer.outcome === 'miss') return Math.max(ttl, 0);
  return answer.outcome === 'unproven_hit' ? ttl : Math.min(ttl, -1);
}

/** Until when (wall clock) the headers say the same of an answer that stays as it is: Age and ttl go on by whole seconds. */
export function saysTheSameUntilMs(
  { entry, staleAtMs }: Pick<AnswerFacts, 'entry' | 'staleAtMs'>,
  nowMs: number,
): number {
  const ageMs = nowMs - entry.storedAtMs;
  const olderAtMs = nowMs + (1000 - (((ageMs % 1000) + 1000) % 1000));
  const leftMs = staleAtMs - nowMs;
  return Math.min(olderAtMs, nowMs + (((leftMs % 1000) + 1000) % 1000));
}
