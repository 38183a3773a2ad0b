import type { Warmed } from '../services/warming/warming-schema.js';

const COUNTS = ['panels', 'loaded', 'fresh', 'failed', 'switched_off', 'hits', 'duration_ms'] as const;

type Counts = Pick<Warmed, (typeof COUNTS)[number]>;

/** What all warmings of one call did together; what `dashcache warm --json` prints. */
export interface WarmedAll extends Counts {
  readonly dashboards: readonly Warmed[];
}

/** The answers for the tenants of one dashboard as one. */
export function warmedDashboard(dashboard: string, answers: readonly Warmed[]): Warmed {
  const hasTenants = answers.every(({ tenants }) => tenants !== null);
  return {
    dashboard,
    tenants: hasTenants ? answers.reduce((sum, { tenants }) => sum + (tenants ?? 0), 0) : null,
    ...countsOf(answers),
    problems: answers.flatMap(({ problems }) => problems),
  };
}

export function warmedAll(dashboards: readonly Warmed[]): WarmedAll {
  return { ...countsOf(dashboards), dashboards };
}

/** Whether a read now is a hit for every panel that was to be warmed. */
export function isWarm({ failed, hits, panels }: Counts): boolean {
  return failed === 0 && hits >= panels;
}

function countsOf(answers: readonly Counts[]): Counts {
  const sum: Counts = { panels: 0, loaded: 0, fresh: 0, failed: 0, switched_off: 0, hits: 0, duration_ms: 0 };
  for (const answer of answers) for (const name of COUNTS) sum[name] += answer[name];
  return sum;
}
