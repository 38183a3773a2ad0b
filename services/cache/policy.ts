/** How long a key's entries live and how long readers wait; a panel's policy is one. */
export interface CachePolicy {
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly staleIfErrorMs: number;
  readonly deadlineMs: number;
  readonly softDeadlineMs: number | null;
  readonly unproven: 'allow' | 'never';
  /** How long an entry may lack a change while loads succeed; null: as long as ttl and grace allow. */
  readonly maxStalenessMs: number | null;
}

/** Entries loaded together must not become stale together: up to this share of the ttl is taken off, never added. */
const JITTER_SHARE = 0.05;

/** An entry that may lack a change for so long becomes stale at half of that: there is time to load it anew. */
const CONTRACT_TTL_SHARE = 1 / 2;

/** The instants of an entry stored now. `random` gives [0, 1). */
export function instantsOf(
  policy: CachePolicy,
  nowMs: number,
  random: () => number,
): { staleAtMs: number; deleteAtMs: number } {
  const staleAtMs = nowMs + Math.ceil(policy.ttlMs * (1 - JITTER_SHARE * random()));
  return { staleAtMs, deleteAtMs: staleAtMs + Math.max(policy.graceMs, policy.staleIfErrorMs) };
}

/** What is known of the changes that an entry lacks; wall clock. */
export interface Known {
  readonly storedAtMs: number;
  /** When the first change was learned that it is known to lack; null: none is. */
  readonly expiredAtMs: number | null;
  /** Every change until then is known: see CacheRequest.toldToMs. */
  readonly toldToMs: number;
}

/** When the policy's contract makes an entry stale, and when it ends; Infinity without one, and where no change is lacking. */
export function contractOf(
  { maxStalenessMs }: CachePolicy,
  { storedAtMs, expiredAtMs, toldToMs }: Known,
): { staleAtMs: number; overdueAtMs: number } {
  const never = Number.POSITIVE_INFINITY;
  if (maxStalenessMs === null) return { staleAtMs: never, overdueAtMs: never };
  const lacksFromMs = Math.min(expiredAtMs ?? never, Math.max(storedAtMs, toldToMs));
  return {
    staleAtMs: lacksFromMs + maxStalenessMs * CONTRACT_TTL_SHARE,
    overdueAtMs: lacksFromMs + maxStalenessMs,
  };
}

export type Usability = 'fresh' | 'stale' | 'stale-if-error' | 'unusable';

/**
 * What an entry is good for that nobody can prove since `lostAtMs`: for a moment it is served as a stale one, then only while the
 * source fails.
 */
export function usabilityOfLost(
  instants: { staleAtMs: number; deleteAtMs: number },
  policy: CachePolicy,
  at: { nowMs: number; lostAtMs: number; inMoment: boolean },
): Usability {
  const before = usabilityOf(instants, policy, at.nowMs);
  if (before === 'unusable' || policy.unproven === 'never') return 'unusable';
  if (at.inMoment) return before === 'fresh' ? 'stale' : before;
  const staleAtMs = Math.min(instants.staleAtMs, at.lostAtMs);
  return at.nowMs < staleAtMs + policy.staleIfErrorMs ? 'stale-if-error' : 'unusable';
}

/** What an overdue entry is good for: it waits for a load that fails. */
export function usabilityOfOverdue(
  instants: { staleAtMs: number; deleteAtMs: number },
  policy: CachePolicy,
  nowMs: number,
): Usability {
  const before = usabilityOf(instants, policy, nowMs);
  if (before === 'unusable' || before === 'stale-if-error') return before;
  return usabilityOf(
    { ...instants, staleAtMs: Math.min(instants.staleAtMs, nowMs) },
    { ...policy, graceMs: 0 },
    nowMs,
  );
}

/**
 * What an entry is good for now: stale within grace is served while one reader revalidates, after that only when the
 * source fails (RFC 5861). `staleAtMs` is the entry's instant, or the earlier one at which an expire was learned.
 */
export function usabilityOf(
  instants: { staleAtMs: number; deleteAtMs: number },
  policy: CachePolicy,
  nowMs: number,
): Usability {
  if (nowMs >= instants.deleteAtMs) return 'unusable';
  if (nowMs < instants.staleAtMs) return 'fresh';
  if (nowMs < instants.staleAtMs + policy.graceMs) return 'stale';
  return nowMs < instants.staleAtMs + policy.staleIfErrorMs ? 'stale-if-error' : 'unusable';
}
