import type { AuditTold, OlderCounts, Violation } from '../services/audit/audit-tally.js';
import { type Nines, readsFor } from '../services/audit/nines.js';
import type { AuditResult } from '../services/audit/run-audit.js';
import type { ViolationKind } from '../services/audit/verdict.js';
import { counted, readableCount, readableDuration } from './readable-figures.js';
import type { Terminal } from './terminal.js';

/** More are no help: `--json` has them all. */
const SHOWN_COUNT = 20;

const KINDS: Readonly<Record<ViolationKind, string>> = {
  wrong_tenant: 'data of another tenant',
  wrong_question: 'the answer to another question',
  purge_ignored: 'old data after a purge',
  expire_ignored: 'old data called fresh after an expire',
  too_old: 'older than it may be',
  not_the_source: 'not what the source said',
  unproven_too_long: 'unproven for too long',
  false_age: 'a false Age',
  unexplained: 'a hit of nothing that is stored',
  etag_shared: 'one ETag for two bodies',
  etags_differ: 'two ETags for one load',
  keys_differ: 'two keys for one question',
};

const OLDER: Readonly<Record<keyof OlderCounts, string>> = {
  fresh: 'within the ttl',
  stale: 'stale while refreshed',
  stale_if_error: 'stale because the source failed',
  unproven: 'unproven while Redis did not answer',
  loaded: 'loaded while the data moved',
};

/** What an audit found, the violations first and the verdict last. */
export function auditLines(result: AuditResult, colors: Terminal['colors']): string[] {
  const { violations, skipped, problems } = result;
  const shown = violations.slice(0, SHOWN_COUNT);
  const rest = violations.length - shown.length;
  return [
    ...shown.flatMap((violation) => violationLines(violation, colors)),
    ...(rest > 0 ? [`and ${counted(rest, 'more violation')}`] : []),
    ...skipped.map((sentence) => `${colors.yellow('not audited:')} ${sentence}`),
    ...problems.map((sentence) => `${colors.yellow('not judged:')} ${sentence}`),
    `${counted(result.samples, 'sample')} of ${counted(result.places, 'address', 'addresses')} at ${counted(result.replicas.length, 'replica')} in ${readableDuration(result.duration_ms)}, seed ${result.seed}`,
    ...agreementLines(result),
    ...verdictLines(result, colors),
  ];
}

function violationLines(
  { kind, panel, dashboard, tenant, replica, address, at, promised, seen }: Violation,
  colors: Terminal['colors'],
): string[] {
  const whose = tenant === null ? dashboard : `${dashboard}, tenant ${tenant}`;
  return [
    `${colors.red(`${KINDS[kind]}:`)} ${panel} of ${whose} (${kind})`,
    `  read      ${replica}${address}`,
    `  at        ${at}`,
    `  promised  ${promised}`,
    `  seen      ${seen}`,
  ];
}

function agreementLines({ reads, identical, older, unanswered, unknown }: AuditTold): string[] {
  if (reads + unanswered + unknown === 0) return [];
  const parts = (Object.keys(OLDER) as (keyof OlderCounts)[])
    .filter((as) => older[as] > 0)
    .map((as) => `${readableCount(older[as])} older ${OLDER[as]}`);
  const apart = [
    ...(unanswered > 0 ? [`${readableCount(unanswered)} answered with an error`] : []),
    ...(unknown > 0 ? [`${readableCount(unknown)} not judged, for the source did not answer`] : []),
  ];
  const agreement = [`${readableCount(identical)} as the source`, ...parts].join(', ');
  return [`${counted(reads, 'read')}: ${agreement}${apart.length > 0 ? `; ${apart.join(', ')}` : ''}`];
}

function verdictLines({ nines, within, reads, violations }: AuditTold, colors: Terminal['colors']): string[] {
  if (nines === null) return [colors.yellow('✗ Nothing could be judged')];
  const sum = `${readableCount(within)} of ${counted(reads, 'read')} within the bound`;
  if (violations.length > 0) {
    return [colors.red(`✗ ${sum}: ${nines.percent} %, ${ninesText(nines.nines)}`)];
  }
  return [
    colors.green(`✓ ${sum}`),
    `so many show, with a certainty of 95 %, that at least ${nines.provenPercent} % are: ${provenText(nines)}`,
  ];
}

/** Rule of three: what was not seen in n reads is rarer than 3/n. */
function provenText({ nines }: Nines): string {
  return `${ninesText(nines)}; ${ninesText(nines + 1)} would take ${readableCount(readsFor(nines + 1))} reads`;
}

function ninesText(count: number): string {
  return count === 0 ? 'not one nine' : counted(count, 'nine');
}
