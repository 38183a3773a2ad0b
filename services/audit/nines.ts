/** How sure one can be of what many reads show. */
export interface Nines {
  /** Share of reads within the bound, rounded down: it never looks better than it was. */
  readonly percent: number;
  /** 3 for 99.9 %. Of reads without a violation what their number shows, not what was seen. */
  readonly nines: number;
  /** With a certainty of 95 % at least so many are, where none was seen that is not; else null. */
  readonly provenPercent: number | null;
}

/** Of n events without one failure, the failure rate is below 3/n with a certainty of 95 % (rule of three). */
const RULE_OF_THREE = 3;

/** Null without reads. */
export function ninesOf({ reads, violations }: { reads: number; violations: number }): Nines | null {
  if (reads === 0) return null;
  const failing = violations > 0 ? violations / reads : Math.min(1, RULE_OF_THREE / reads);
  return {
    percent: percentOf(violations / reads),
    nines: nines(failing),
    provenPercent: violations > 0 ? null : percentOf(failing),
  };
}

/** Reads without a violation that it takes to show so many nines. */
export function readsFor(ninesCount: number): number {
  return RULE_OF_THREE * 10 ** ninesCount;
}

function nines(failing: number): number {
  // The logarithm of 0.001 is a hair above -3.
  return Math.max(0, Math.floor(-Math.log10(failing) + 1e-9));
}

function percentOf(failing: number): number {
  return Math.floor((1 - failing) * 1e6 + 1e-6) / 1e4;
}
