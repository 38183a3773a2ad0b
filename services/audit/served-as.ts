/** What a Cache-Status says of an answer of ours (RFC 9211). */
export interface ServedAs {
  readonly outcome: 'hit' | 'miss' | 'collapsed' | 'bypass';
  /** Hits only. */
  readonly detail: 'l1' | 'l2' | 'stale-if-error' | 'unproven' | null;
  /** Negative once it is stale; null where it is not told. */
  readonly ttlSeconds: number | null;
}

const DETAILS = ['l1', 'l2', 'stale-if-error', 'unproven'] as const;

/** Null where it is not dashcache that speaks. Caches on the way may have put words of their own beside ours. */
export function servedAs(cacheStatus: string): ServedAs | null {
  const ours = cacheStatus.split(',').find((member) => /^\s*dashcache\s*(;|$)/.test(member));
  if (ours === undefined) return null;
  const words = ours.split(';').map((word) => word.trim());
  const ttl = words.find((word) => word.startsWith('ttl='))?.slice('ttl='.length);
  const ttlSeconds = ttl !== undefined && /^-?\d+$/.test(ttl) ? Number(ttl) : null;
  if (words.includes('hit')) {
    const detail = DETAILS.find((each) => words.includes(`detail=${each}`)) ?? null;
    return detail === null ? null : { outcome: 'hit', detail, ttlSeconds };
  }
  if (words.includes('fwd=bypass')) return { outcome: 'bypass', detail: null, ttlSeconds };
  if (!words.includes('fwd=uri-miss')) return null;
  return { outcome: words.includes('collapsed') ? 'collapsed' : 'miss', detail: null, ttlSeconds };
}

/** The state in which it says it was served; null where it was loaded for its reader. */
export function servedState({ outcome, detail, ttlSeconds }: ServedAs): ServedState | null {
  if (outcome !== 'hit') return null;
  if (detail === 'stale-if-error' || detail === 'unproven') return detail;
  return ttlSeconds !== null && ttlSeconds < 0 ? 'stale' : 'fresh';
}

export type ServedState = 'fresh' | 'stale' | 'stale-if-error' | 'unproven';
