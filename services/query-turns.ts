import type { LoadCause } from './cache/inspection.js';
import type { Panel } from './definitions/model.js';
import type { Tenant } from './definitions/tenant.js';
import type { BudgetTicket, QueryTurn } from './sources/query-turn.js';

/** A refresh waits so long for the budget, then others have their turn: which one matters most may have changed. */
const REFRESH_WAIT_MS = 250;
/** A reader for whom there is something, though older than it should be, waits so long for the budget. */
const OLD_AT_HAND_WAIT_MS = 500;
/** What is left of a deadline when a reader is sent away: time for the answer that says so. */
const DEADLINE_SHARE = 0.9;

/** The turn of a load: of a reader who waits, or of a warming, which can wait. */
export function turnOfLoad({
  panel,
  tenant,
  cause,
}: {
  panel: Panel;
  tenant: Tenant;
  cause: LoadCause;
}): QueryTurn {
  const patientMs = panel.policy.deadlineMs * DEADLINE_SHARE;
  const hasOld = cause === 'stale' || cause === 'expired' || cause === 'lost';
  const maxWaitMs = hasOld ? Math.min(OLD_AT_HAND_WAIT_MS, patientMs) : patientMs;
  return { tenant, urgency: cause === 'warming' ? 'upkeep' : 'read', maxWaitMs };
}

/** The turn of a refresh that has not begun yet. */
export function turnOfRefresh({ tenant, settles }: { tenant: Tenant; settles: boolean }): QueryTurn {
  return { tenant, urgency: settles ? 'settling' : 'upkeep', maxWaitMs: REFRESH_WAIT_MS };
}

/** The turn of the queries of a refresh that has leave for one; the others wait with the rest. */
export function turnWithTicket(panel: Panel, turn: QueryTurn, ticket: BudgetTicket): QueryTurn {
  return { ...turn, maxWaitMs: panel.policy.deadlineMs * DEADLINE_SHARE, ticket };
}
