import type { Entry } from './entry.js';
import type { Usability } from './policy.js';

/** One stored copy, and how it stands at this moment. */
export interface InspectedCopy {
  readonly entry: Entry;
  readonly use: Usability;
  /** Its own instant, or the earlier one at which an expire was learned. */
  readonly staleAtMs: number;
  /** Its contract ends it: it is served only while its load fails. */
  readonly isOverdue: boolean;
  /** What the generations say of it. */
  readonly verdict: 'current' | 'purged' | 'expired' | 'unknown' | 'lost';
}

/** What a read would find, looked at without reading: nothing is counted, loaded or moved. */
export interface Inspection {
  readonly l1: InspectedCopy | null;
  /** Null also without Redis, or while it does not answer. */
  readonly l2: InspectedCopy | null;
  readonly isSwitchedOff: boolean;
  /** Redis does not answer: nobody can prove what is kept here. */
  readonly isIsolated: boolean;
  /** How long another process may be loading it yet, unless it says that it still does; null: none is known to. */
  readonly leasedForMs: number | null;
}

/** What is being done to renew a key. */
export interface Outlook {
  readonly is: 'none' | 'waiting' | 'running';
  /** How soon what waits may begin, were it its turn. */
  readonly inMs: number;
  /** Readers asked for it of late, so it is refreshed by itself after a change. */
  readonly isLive: boolean;
  /** Until when (wall clock) what memory has of it is within its contract; null without either. */
  readonly overdueAtMs: number | null;
}

/** Why a load was begun. */
export type LoadCause = 'absent' | 'stale' | 'expired' | 'purged' | 'lost' | 'warming' | 'reload' | 'bypass';

/** Whether a read is answered from this copy without waiting for a load. */
export function isServedAtOnce(copy: InspectedCopy | null): boolean {
  if (copy === null || copy.verdict === 'purged' || copy.verdict === 'unknown') return false;
  return copy.use === 'fresh' || copy.use === 'stale';
}
