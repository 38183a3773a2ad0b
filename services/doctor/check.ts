import type { FactName, Facts, Gathered } from './facts.js';

/** error: something does not work or is not safe; warning: it will cost somebody; note: worth knowing, nothing to be done at once. */
export type Severity = 'error' | 'warning' | 'note';

export const CHECK_GROUPS = ['redis', 'source', 'definitions', 'statistics', 'process'] as const;
/** What a check looks at. */
export type CheckGroup = (typeof CHECK_GROUPS)[number];

/** Something that a check has found. */
export interface Found {
  /** What was seen, with its figures and where. */
  readonly evidence: string;
  /** What to do about it; default: the fix of the check. */
  readonly fix?: string;
  /** Default: the severity of the check. */
  readonly severity?: Severity;
}

/** A part that could not be looked at, and why: never taken for fine. */
export interface Unseen {
  readonly unseen: string;
}

export type Seen = Found | Unseen;

/** One thing that is looked at. */
export interface Check {
  readonly id: string;
  readonly group: CheckGroup;
  readonly severity: Severity;
  /** What it looks for, as a sentence of docs/doctor.md. */
  readonly what: string;
  /** The step that mends it. */
  readonly fix: string;
  /** Without one of these nothing can be said. */
  readonly needs: readonly FactName[];
  run(gathered: Gathered): readonly Seen[];
}

interface CheckOf<N extends FactName> extends Omit<Check, 'needs' | 'run'> {
  readonly needs: readonly N[];
  /** `gathered` has also what the check can do without. */
  run(facts: Pick<Facts, N>, gathered: Gathered): readonly Seen[];
}

/** A check that is handed the facts that it needs, and says of each that is not known why it cannot look. */
export function check<N extends FactName>(spec: CheckOf<N>): Check {
  const { needs } = spec;
  return {
    ...spec,
    run(gathered) {
      const facts: Partial<Record<FactName, unknown>> = {};
      const reasons = new Set<string>();
      for (const name of needs) {
        const fact = gathered[name];
        if (fact.known) facts[name] = fact.value;
        else reasons.add(fact.reason);
      }
      if (reasons.size > 0) return [...reasons].map((unseen) => ({ unseen }));
      return spec.run(facts as Pick<Facts, N>, gathered);
    },
  };
}

/** `[found]` where there is something, else nothing. */
export function foundIf(isFound: boolean, found: () => Found): readonly Found[] {
  return isFound ? [found()] : [];
}
