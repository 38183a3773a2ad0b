import type { Severity } from '../services/doctor/check.js';
import type { DoctorFinding, DoctorResult } from '../services/doctor/run-checks.js';
import { printable } from './printable.js';
import { counted } from './readable-figures.js';
import type { Terminal } from './terminal.js';

const COLORS = { error: 'red', warning: 'yellow', note: 'cyan' } as const satisfies Record<Severity, string>;

/** What a doctor found, the worst first and the verdict last. */
export function doctorLines(result: DoctorResult, colors: Terminal['colors']): string[] {
  const { findings, not_checked, fine } = printable(result);
  const reasons = new Map<string, string[]>();
  for (const { check, reason } of not_checked) reasons.set(reason, [...(reasons.get(reason) ?? []), check]);
  return [
    ...findings.flatMap((finding) => findingLines(finding, colors)),
    ...[...reasons].map(
      ([reason, checks]) => `${colors.yellow('not checked:')} ${[...new Set(checks)].join(', ')}: ${reason}`,
    ),
    `${counted(fine.length, 'check')} fine${partsOf(result)}`,
    verdict(result, colors),
  ];
}

function findingLines(
  { check, severity, evidence, fix }: DoctorFinding,
  colors: Terminal['colors'],
): string[] {
  return [`${colors[COLORS[severity]](`${severity}:`)} ${check}`, `  seen  ${evidence}`, `  fix   ${fix}`];
}

function partsOf({ findings, not_checked }: DoctorResult): string {
  const unchecked = new Set(not_checked.map(({ check }) => check)).size;
  const counts = (['error', 'warning', 'note'] as const).map(
    (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
  );
  const told = counts
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `, ${counted(count, severity)}`);
  return `${told.join('')}${unchecked > 0 ? `, ${counted(unchecked, 'check')} not made in full` : ''}`;
}

function verdict({ findings, not_checked }: DoctorResult, colors: Terminal['colors']): string {
  const faults = findings.filter(({ severity }) => severity !== 'note').length;
  if (faults > 0) return colors.red(`✗ ${counted(faults, 'finding')}`);
  if (not_checked.length > 0) return colors.yellow('✓ Nothing was found in what could be checked');
  return colors.green('✓ All checks passed!');
}
