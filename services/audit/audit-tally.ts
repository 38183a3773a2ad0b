import type { AuditSample } from './audit-sample.js';
import { type Nines, ninesOf } from './nines.js';
import { type ServedAs, servedState } from './served-as.js';
import { type Fault, type Verdict, VIOLATION_KINDS, type ViolationKind } from './verdict.js';

/** A promise that was broken, by whom and where. */
export interface Violation extends Fault {
  readonly at: string;
  readonly replica: string;
  readonly dashboard: string;
  readonly panel: string;
  readonly tenant: string | null;
  /** Path and query: what to ask to see it again. */
  readonly address: string;
}

/** Reads that were older than the source and said so, by what they said they were. */
export type OlderCounts = Record<'fresh' | 'stale' | 'stale_if_error' | 'unproven' | 'loaded', number>;

export interface AuditTold {
  readonly samples: number;
  /** Those that could be judged. */
  readonly reads: number;
  readonly within: number;
  readonly identical: number;
  readonly older: OlderCounts;
  /** Answered with a problem. */
  readonly unanswered: number;
  /** Not judged, because the source did not answer. */
  readonly unknown: number;
  /** The reasons of both, each once. */
  readonly problems: readonly string[];
  readonly nines: Nines | null;
  readonly violations_by_kind: Readonly<Partial<Record<ViolationKind, number>>>;
  readonly violations: readonly Violation[];
}

const PROBLEMS_MAX_COUNT = 20;

/** Counts what an audit found. */
export class AuditTally {
  #samples = 0;
  #identical = 0;
  #unanswered = 0;
  #unknown = 0;
  readonly #older: OlderCounts = { fresh: 0, stale: 0, stale_if_error: 0, unproven: 0, loaded: 0 };
  readonly #violations: Violation[] = [];
  readonly #problems = new Set<string>();

  get violationsCount(): number {
    return this.#violations.length;
  }

  sample(): void {
    this.#samples++;
  }

  unanswered(problem: string): void {
    this.#unanswered++;
    this.#note(problem);
  }

  unknown(problem: string): void {
    this.#unknown++;
    this.#note(problem);
  }

  read(
    verdict: Verdict,
    about: { sample: AuditSample; replica: string; servedAs: ServedAs; atMs: number },
  ): void {
    if (verdict.is === 'violation') this.#violations.push(violation(verdict.fault, about));
    else if (verdict.is === 'identical') this.#identical++;
    else this.#older[olderAs(about.servedAs)]++;
  }

  told(): AuditTold {
    const within = this.#identical + Object.values(this.#older).reduce((sum, count) => sum + count, 0);
    const reads = within + this.#violations.length;
    return {
      samples: this.#samples,
      reads,
      within,
      identical: this.#identical,
      older: { ...this.#older },
      unanswered: this.#unanswered,
      unknown: this.#unknown,
      problems: [...this.#problems],
      nines: ninesOf({ reads, violations: this.#violations.length }),
      violations_by_kind: this.#byKind(),
      violations: worstFirst(this.#violations),
    };
  }

  #byKind(): Partial<Record<ViolationKind, number>> {
    const counts: Partial<Record<ViolationKind, number>> = {};
    for (const { kind } of worstFirst(this.#violations)) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  #note(problem: string): void {
    if (this.#problems.size < PROBLEMS_MAX_COUNT) this.#problems.add(problem);
  }
}

function olderAs(servedAs: ServedAs): keyof OlderCounts {
  const state = servedState(servedAs);
  if (state === null) return 'loaded';
  return state === 'stale-if-error' ? 'stale_if_error' : state;
}

function violation(
  fault: Fault,
  { sample, replica, atMs }: { sample: AuditSample; replica: string; atMs: number },
): Violation {
  const { panel, tenant } = sample.read;
  return {
    ...fault,
    at: new Date(atMs).toISOString(),
    replica,
    dashboard: panel.dashboardId,
    panel: panel.id,
    tenant: tenant.text,
    address: sample.address,
  };
}

function worstFirst(violations: readonly Violation[]): Violation[] {
  const rank = ({ kind }: Violation) => VIOLATION_KINDS.indexOf(kind);
  return violations.toSorted((a, b) => rank(a) - rank(b));
}
