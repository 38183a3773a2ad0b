import type { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Definitions } from '../definitions/model.js';
import { type AuditPlace, auditPlaces } from './audit-places.js';
import { auditSample } from './audit-sample.js';
import { AuditTally, type AuditTold } from './audit-tally.js';
import type { AuditedReplica } from './audited-replica.js';
import { ReplicaWatch } from './replica-watch.js';
import { SampleAudit } from './sample-audit.js';
import { seededRandom, shuffled } from './seeded-random.js';
import type { SourceTruth } from './source-truth.js';
import { TruthHistory } from './truth-history.js';

/** How much may be asked. */
export interface AuditLimits {
  readonly samplesCount: number;
  readonly forMs: number;
  /** From the beginning of one sample to that of the next. */
  readonly everyMs: number;
  readonly seed: number;
}

export interface AuditParts {
  readonly definitions: Definitions;
  readonly replicas: readonly AuditedReplica[];
  readonly truth: Pick<SourceTruth, 'contentOf' | 'valuesOf'>;
  readonly clock: Clock;
  /** Rejects when the audit is to end. */
  readonly pause: (ms: number) => Promise<void>;
  readonly tell: (progress: AuditProgress) => void;
}

export interface AuditProgress {
  readonly samples: number;
  readonly samplesCount: number;
  readonly violations: number;
}

export interface AuditResult extends AuditTold {
  readonly seed: number;
  readonly replicas: readonly string[];
  /** Panels with each of their tenants. */
  readonly places: number;
  readonly skipped: readonly string[];
  readonly duration_ms: number;
  /** Whether some sample could not be judged because a source is away. */
  readonly source_away: boolean;
  /** Why it ended before its limits, in words; null where it did not. */
  readonly ended_early: string | null;
}

/** What was found until the end; `failure` is what ended it early. */
export interface AuditOutcome {
  readonly result: AuditResult;
  readonly failure: unknown;
}

/** Codes of a source that cannot be asked, rather than of a query that has no answer. */
const AWAY: ReadonlySet<DashcacheError['code']> = new Set([
  'source_down',
  'source_deadline',
  'source_overloaded',
]);

/**
 * Samples what the replicas answer, in an order that the seed decides: every place once, then again in another order.
 * Ends at the first of its limits, or where a replica cannot be asked. Rejects where the source does not tell the tenants.
 */
export async function runAudit(parts: AuditParts, limits: AuditLimits): Promise<AuditOutcome> {
  const { clock, replicas, truth } = parts;
  const startMs = clock.monotonicMs();
  const { places, skipped } = await auditPlaces(parts.definitions, (panel) => truth.valuesOf(panel));
  const run = new AuditRun(parts, { limits, places, startMs });
  let failure: unknown = null;
  try {
    await run.sample();
  } catch (error) {
    failure = error;
  }
  const result = {
    ...run.tally.told(),
    seed: limits.seed,
    replicas: replicas.map(({ name }) => name),
    places: places.length,
    skipped,
    duration_ms: Math.round(clock.monotonicMs() - startMs),
    source_away: run.sourceAway,
    ended_early: failure === null ? null : failure instanceof Error ? failure.message : String(failure),
  };
  return { result, failure };
}

/** One audit on its way. */
class AuditRun {
  readonly tally = new AuditTally();
  sourceAway = false;
  readonly #parts: AuditParts;
  readonly #plan: AuditPlan;
  readonly #audit: SampleAudit;

  constructor(parts: AuditParts, plan: AuditPlan) {
    const { truth, clock, pause } = parts;
    const watches = parts.replicas.map((replica) => new ReplicaWatch(replica));
    this.#parts = parts;
    this.#plan = plan;
    const history = new TruthHistory();
    this.#audit = new SampleAudit({ watches, truth, history, tally: this.tally, clock, pause });
  }

  async sample(): Promise<void> {
    const { clock, pause, tell } = this.#parts;
    const { limits, startMs } = this.#plan;
    const { samplesCount, forMs, everyMs } = limits;
    let samples = 0;
    for (const place of this.#turns()) {
      if (samples >= samplesCount || clock.monotonicMs() - startMs >= forMs) return;
      const failure = await this.#audit.of(auditSample(place, clock.nowMs()));
      this.sourceAway ||= failure !== null && AWAY.has(failure.code);
      samples++;
      tell({ samples, samplesCount, violations: this.tally.violationsCount });
      const earlyMs = startMs + samples * everyMs - clock.monotonicMs();
      if (samples < samplesCount && earlyMs > 0) await pause(earlyMs);
    }
  }

  /** Every place, then every place again. */
  *#turns(): Generator<AuditPlace> {
    const { places, limits } = this.#plan;
    const random = seededRandom(limits.seed);
    while (places.length > 0) yield* shuffled(places, random);
  }
}

interface AuditPlan {
  readonly limits: AuditLimits;
  readonly places: readonly AuditPlace[];
  readonly startMs: number;
}
