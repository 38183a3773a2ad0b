/**
 * A model of how processes agree (PROTOCOL.md), written for this suite.
 *
 * Covered: one or two processes, one key with two tags, one who purges. Every order of looks, polls, reads, loads, fills and
 * purges, where any answer may come late or be lost, a fill may reach Redis after it was given up, a lease or value may run out,
 * and a process may stop for as long as it likes, for that is only a step that does not come. Whoever meets the lease of other
 * generations looks, and takes it over from a holder who is behind; a load may fail. Generations may be evicted, the log trimmed
 * or deleted, all data lost or replaced by an older copy, members removed because the clock of Redis jumps, a process killed.
 * Time is a tick of all, trust lasts one. A frame that comes beside the script, or in place of it, is the value that the reader would
 * have found by asking at that moment, so it is no step of its own.
 *
 * Not covered: expire and stale answers, isolation and unproven answers, the switches, split brain, several keys, more than two
 * processes, late answers to get-or-lease, beats, shared errors, and how long anything takes. Larger searches than these few seconds
 * allow are made by raising `statesMaxCount`.
 *
 * Held: no read that begins after an acknowledged purge is answered with older data; no fill replaces newer data; nobody
 * queries while Redis holds what he could use; no two loads run under the current generations, unless the lease of one ran out
 * or was lost, or its reader has met loads of other generations twice and loads alone.
 */
import { type Exploration, explore } from './explore.js';
import { type Guard, TRUST_TICKS } from './protocol-guards.js';
import { keyOf } from './protocol-key.js';
import { type Accidents, firstState, type State } from './protocol-state.js';
import { stepsFrom } from './protocol-steps.js';

export interface ModelOptions {
  /** Default 2. */
  readonly processesCount?: 1 | 2;
  readonly accidents: Partial<Accidents>;
  /** The guard that is removed; default none. */
  readonly without?: Guard | null;
  readonly statesMaxCount: number;
}

/** All that can happen to the protocol, or to what is left of it without a guard. */
export function exploreProtocol(options: ModelOptions): Exploration {
  const { processesCount = 2, accidents, without = null, statesMaxCount } = options;
  const first: State = firstState({ processesCount, accidents, trustTicks: TRUST_TICKS });
  const has = (guard: Guard) => guard !== without;
  return explore({ first, keyOf, statesMaxCount, stepsFrom: (state) => stepsFrom(state, has) });
}
