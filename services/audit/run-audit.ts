import type { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Definitions } from '../definitions/model.js';
import { auditPlaces } from './audit-places.js';
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
}

/** Codes of a source that cannot be asked, rather than of a query that has no answer. */
const AWAY: ReadonlySet<DashcacheError['code']> = new Set([
  'source_down',
  'source_deadline',
  'source_overloaded',
]);

/**
 * Samples what the replicas answer, in an order that the seed decides: every place once, then again in another order.
 * Ends at the first of its limits. Rejects where a replica cannot be asked, or the choices of tenants.
 */
export async function runAudit(parts: AuditParts, limits: AuditLimits): Promise<AuditResult> {
  const { clock, replicas, pause, truth } = parts;
  const { samplesCount, forMs, everyMs, seed } = limits;
  const startMs = clock.monotonicMs();
  const { places, skipped } = await auditPlaces(parts.definitions, (panel) => truth.valuesOf(panel));
  const tally = new AuditTally();
  const watches = replicas.map((replica) => new ReplicaWatch(replica));
  const audit = new SampleAudit({ watches, truth, history: new TruthHistory(), tally, clock, pause });
  const random = seededRandom(seed);
  let turns = shuffled(places, random);
  let sourceAway = false;
  for (let samples = 0; samples < samplesCount; samples++) {
    if (turns.length === 0) turns = shuffled(places, random);
    const place = turns.pop();
    if (!place || clock.monotonicMs() - startMs >= forMs) break;
    const failure = await audit.of(auditSample(place, clock.nowMs()));
    sourceAway ||= failure !== null && AWAY.has(failure.code);
    parts.tell({ samples: samples + 1, samplesCount, violations: tally.violationsCount });
    const dueMs = startMs + (samples + 1) * everyMs - clock.monotonicMs();
    if (samples + 1 < samplesCount && dueMs > 0) await pause(dueMs);
  }
  return {
    ...tally.told(),
    seed,
    replicas: replicas.map(({ name }) => name),
    places: places.length,
    skipped,
    duration_ms: Math.round(clock.monotonicMs() - startMs),
    source_away: sourceAway,
  };
}
