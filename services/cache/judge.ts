import type { Clock } from '../clock.js';
import type { Verdict } from './cells.js';
import type { Entry } from './entry.js';
import type { Generations } from './generations.js';
import type { LoadCause } from './inspection.js';
import { isInMoment, type Loss } from './losses.js';
import { type Usability, usabilityOf, usabilityOfLost } from './policy.js';
import type { CacheRequest } from './request.js';

/** What an entry is good for at this moment. */
export interface Judgement {
  readonly use: Usability;
  /** Its own instant, or the earlier one at which an expire was learned. */
  readonly staleAtMs: number;
  /** Null when there is no entry. `lost`: nobody can prove it any more, and nobody is known to have purged it. */
  readonly verdict: Verdict['is'] | 'lost' | null;
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
    if (!entry) return { use: 'unusable', staleAtMs: 0, verdict: null };
    const verdict = this.#generations.compare(entry.stamp, request.tags);
    const isGone = verdict.is === 'purged' || verdict.is === 'unknown';
    const loss = isGone ? this.#generations.lossOf(entry.stamp, request.tags) : null;
    if (loss) return this.#ofLost(entry, request, loss);
    const staleAtMs =
      verdict.is === 'expired' ? Math.min(entry.staleAtMs, verdict.expiredAtMs) : entry.staleAtMs;
    const unproven = this.#generations.isIsolated && request.policy.unproven === 'never';
    const instants = { staleAtMs, deleteAtMs: entry.deleteAtMs };
    const use = isGone || unproven ? 'unusable' : usabilityOf(instants, request.policy, this.#clock.nowMs());
    return { use, staleAtMs, verdict: verdict.is };
  }

  #ofLost(entry: Entry, { policy }: CacheRequest, loss: Loss): Judgement {
    const inMoment = isInMoment(loss, this.#clock.monotonicMs());
    const at = { nowMs: this.#clock.nowMs(), lostAtMs: loss.lostAtMs, inMoment };
    const staleAtMs = Math.min(entry.staleAtMs, loss.lostAtMs);
    return { use: usabilityOfLost(entry, policy, at), staleAtMs, verdict: 'lost' };
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
