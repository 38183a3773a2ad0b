import type { Clock } from '../clock.js';
import type { Verdict } from './cells.js';
import type { Entry } from './entry.js';
import type { Generations } from './generations.js';
import type { LoadCause } from './inspection.js';
import { isInMoment, type Loss } from './losses.js';
import { overdueAtMs, type Usability, usabilityOf, usabilityOfLost, usabilityOfOverdue } from './policy.js';
import type { CacheRequest } from './request.js';

/** What an entry is good for at this moment. */
export interface Judgement {
  readonly use: Usability;
  /** Its own instant, or the earlier one at which an expire was learned. */
  readonly staleAtMs: number;
  /** Null when there is no entry. `lost`: nobody can prove it any more, and nobody is known to have purged it. */
  readonly verdict: Verdict['is'] | 'lost' | null;
  /** Older than its contract allows: served only while its load fails. */
  readonly isOverdue: boolean;
}

/** Says what entries are good for: their generations first, then their instants. */
export class Judge {
  readonly #generations: Generations;
  readonly #clock: Clock;

  constructor(options: { generations: Generations; clock: Clock }) {
    this.#generations = options.generations;
    this.#clock = options.clock;
  }

  of(entry: Entry | undefined | null, request: CacheRequest): Judgement {
    if (!entry) return { use: 'unusable', staleAtMs: 0, verdict: null, isOverdue: false };
    const verdict = this.#generations.compare(entry.stamp, request.tags);
    const isGone = verdict.is === 'purged' || verdict.is === 'unknown';
    const loss = isGone ? this.#generations.lossOf(entry.stamp, request.tags) : null;
    if (loss) return this.#ofLost(entry, request, loss);
    const expiredAtMs = verdict.is === 'expired' ? verdict.expiredAtMs : null;
    const staleAtMs = Math.min(entry.staleAtMs, expiredAtMs ?? entry.staleAtMs);
    const unproven = this.#generations.isIsolated && request.policy.unproven === 'never';
    const instants = { staleAtMs, deleteAtMs: entry.deleteAtMs };
    const nowMs = this.#clock.nowMs();
    const isOverdue = nowMs >= overdueAtMs(request.policy, { storedAtMs: entry.storedAtMs, expiredAtMs });
    const usability = isOverdue ? usabilityOfOverdue : usabilityOf;
    const use = isGone || unproven ? 'unusable' : usability(instants, request.policy, nowMs);
    return { use, staleAtMs, verdict: verdict.is, isOverdue };
  }

  #ofLost(entry: Entry, { policy }: CacheRequest, loss: Loss): Judgement {
    const inMoment = isInMoment(loss, this.#clock.monotonicMs());
    const at = { nowMs: this.#clock.nowMs(), lostAtMs: loss.lostAtMs, inMoment };
    const staleAtMs = Math.min(entry.staleAtMs, loss.lostAtMs);
    // Nobody can say any more which changes it lacks.
    const isOverdue = at.nowMs >= overdueAtMs(policy, { storedAtMs: entry.storedAtMs, expiredAtMs: null });
    return { use: usabilityOfLost(entry, policy, at), staleAtMs, verdict: 'lost', isOverdue };
  }
}

/** Why what was found in the layers does not do, and a load begins. */
export function causeOf(found: readonly Judgement[]): LoadCause {
  const verdicts = new Set(found.map(({ verdict }) => verdict));
  if (verdicts.has('current')) return 'stale';
  if (verdicts.has('expired')) return 'expired';
  if (verdicts.has('lost')) return 'lost';
  return verdicts.has('purged') || verdicts.has('unknown') ? 'purged' : 'absent';
}
