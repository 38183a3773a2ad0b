import type { Clock } from '../clock.js';
import type { Verdict } from './cells.js';
import type { Entry } from './entry.js';
import type { Generations } from './generations.js';
import type { LoadCause } from './inspection.js';
import { isInMoment, type Loss } from './losses.js';
import { contractOf, type Usability, usabilityOf, usabilityOfLost, usabilityOfOverdue } from './policy.js';
import type { CacheRequest } from './request.js';

/** What an entry is good for at this moment. */
export interface Judgement {
  readonly use: Usability;
  /** Its own instant, or the earlier one at which an expire was learned or its contract asks for a refresh. */
  readonly staleAtMs: number;
  /** Null when there is no entry. `lost`: nobody can prove it any more, and nobody is known to have purged it. */
  readonly verdict: Verdict['is'] | 'lost' | null;
  /** When its contract ends: then it is served only while its load fails. */
  readonly overdueAtMs: number;
  readonly isOverdue: boolean;
}

const ABSENT: Judgement = {
  use: 'unusable',
  staleAtMs: 0,
  verdict: null,
  overdueAtMs: 0,
  isOverdue: false,
};

/** Says what entries are good for: their generations first, then their instants. */
export class Judge {
  readonly #generations: Generations;
  readonly #clock: Clock;

  constructor(options: { generations: Generations; clock: Clock }) {
    this.#generations = options.generations;
    this.#clock = options.clock;
  }

  of(entry: Entry | undefined | null, request: CacheRequest): Judgement {
    if (!entry) return ABSENT;
    const verdict = this.#generations.compare(entry.stamp, request.tags);
    const isGone = verdict.is === 'purged' || verdict.is === 'unknown';
    const loss = isGone ? this.#generations.lossOf(entry.stamp, request.tags) : null;
    if (loss) return this.#ofLost(entry, request, loss);
    const expiredAtMs = verdict.is === 'expired' ? verdict.expiredAtMs : null;
    const contract = this.#contractOf(entry, request, expiredAtMs);
    const staleAtMs = Math.min(entry.staleAtMs, expiredAtMs ?? entry.staleAtMs, contract.staleAtMs);
    const unproven = this.#generations.isIsolated && request.policy.unproven === 'never';
    const instants = { staleAtMs, deleteAtMs: entry.deleteAtMs };
    const nowMs = this.#clock.nowMs();
    const isOverdue = nowMs >= contract.overdueAtMs;
    const usability = isOverdue ? usabilityOfOverdue : usabilityOf;
    const use = isGone || unproven ? 'unusable' : usability(instants, request.policy, nowMs);
    return { use, staleAtMs, verdict: verdict.is, overdueAtMs: contract.overdueAtMs, isOverdue };
  }

  #ofLost(entry: Entry, request: CacheRequest, loss: Loss): Judgement {
    const inMoment = isInMoment(loss, this.#clock.monotonicMs());
    const at = { nowMs: this.#clock.nowMs(), lostAtMs: loss.lostAtMs, inMoment };
    const staleAtMs = Math.min(entry.staleAtMs, loss.lostAtMs);
    // Nobody can say any more which changes it lacks.
    const { overdueAtMs } = this.#contractOf(entry, request, null);
    const isOverdue = at.nowMs >= overdueAtMs;
    return {
      use: usabilityOfLost(entry, request.policy, at),
      staleAtMs,
      verdict: 'lost',
      overdueAtMs,
      isOverdue,
    };
  }

  #contractOf({ storedAtMs }: Entry, { policy, toldToMs }: CacheRequest, expiredAtMs: number | null) {
    const toldTo = policy.maxStalenessMs === null ? undefined : toldToMs?.();
    return contractOf(policy, { storedAtMs, expiredAtMs, toldToMs: toldTo ?? Number.NEGATIVE_INFINITY });
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
