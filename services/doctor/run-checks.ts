import type { Check, CheckGroup, Severity } from './check.js';
import type { Gathered } from './facts.js';

export interface DoctorFinding {
  readonly check: string;
  readonly group: CheckGroup;
  readonly severity: Severity;
  readonly what: string;
  readonly evidence: string;
  readonly fix: string;
}

/** What became of every check; JSON of it is what `--json` prints. */
export interface DoctorResult {
  /** The worst first. */
  readonly findings: readonly DoctorFinding[];
  readonly not_checked: readonly { readonly check: string; readonly reason: string }[];
  /** Ids of the checks that looked at all and found nothing. */
  readonly fine: readonly string[];
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** Holds every check against the facts. */
export function runChecks(checks: readonly Check[], gathered: Gathered): DoctorResult {
  const findings: DoctorFinding[] = [];
  const unseen: { check: string; reason: string }[] = [];
  const fine: string[] = [];
  for (const check of checks) {
    const seen = check.run(gathered);
    if (seen.length === 0) fine.push(check.id);
    for (const each of seen)
      if ('unseen' in each) unseen.push({ check: check.id, reason: each.unseen });
      else {
        const { evidence, fix = check.fix, severity = check.severity } = each;
        const { id, group, what } = check;
        findings.push({ check: id, group, severity, what, evidence, fix });
      }
  }
  return {
    findings: findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    not_checked: unseen,
    fine,
  };
}

/** Whether somebody has something to do. */
export function hasFaults({ findings }: DoctorResult): boolean {
  return findings.some(({ severity }) => severity !== 'note');
}
