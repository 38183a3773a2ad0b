import type { Clock } from '../clock.js';
import type { CacheAnswer } from './answer.js';
import type { Flight } from './flights.js';
import { withinMs } from './within-ms.js';

/** One reader's part in a flight. */
export interface JoinedFlight {
  readonly flight: Flight;
  /** Whether another's read began it. */
  readonly joined: boolean;
  /** Joined while Redis did not answer: what the flight had read by then may have been purged, and nobody could say so. */
  readonly isUnproven: boolean;
}

/** The flight's answer as this reader counts it: who joined another's load collapsed, a find in Redis is everybody's hit. */
export function seenBy(joined: JoinedFlight): Promise<CacheAnswer> {
  return joined.joined ? seenByWhoJoined(joined) : joined.flight.landed;
}

async function seenByWhoJoined({ flight, isUnproven }: JoinedFlight): Promise<CacheAnswer> {
  const answer = await flight.landed;
  if (isUnproven && isFound(answer)) return { ...answer, outcome: 'unproven_hit' };
  const seen: CacheAnswer = answer.outcome === 'miss' ? { ...answer, outcome: 'collapsed' } : answer;
  return isUnproven ? { ...seen, isUnproven: true } : seen;
}

function isFound({ outcome }: CacheAnswer): boolean {
  return outcome === 'hit' || outcome === 'stale_hit' || outcome === 'error_hit';
}

/** Null when it has not landed by then, or failed. */
export function landedWithin(
  joined: JoinedFlight,
  waitMs: number,
  clock: Clock,
): Promise<CacheAnswer | null> {
  return withinMs(
    seenBy(joined).catch(() => null),
    waitMs,
    clock,
  );
}
