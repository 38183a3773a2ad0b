import { DashcacheError, type ErrorCode } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Dashboard, Definitions } from '../definitions/model.js';
import type { EventRecorder } from '../events/event-trail.js';
import type { Log } from '../log.js';
import type { HotQuestion, ObservedReads } from './observed-reads.js';
import type { WarmedTogether, Warmer } from './warmer.js';
import { USUAL_WARMING, type WarmingRun } from './warming-run.js';
import type { WarmingBody } from './warming-schema.js';

/** What a definition of now does not know. A source that fails at the moment is no such reason. */
const UNKNOWN_CODES: ReadonlySet<ErrorCode> = new Set([
  'body_invalid',
  'parameters_invalid',
  'dashboard_unknown',
  'panel_unknown',
  'parameter_unknown',
]);
/** How long a source whose budget is spent is asked again: a warming has time. */
const PATIENCE_MS = 10 * 60_000;

export interface DashboardWarmingParts {
  readonly warmer: Pick<Warmer, 'warmAll'>;
  readonly observed: Pick<ObservedReads, 'hottest' | 'forget'>;
  readonly definitions: () => Definitions;
  readonly trail: EventRecorder;
  readonly count: (event: 'warmings' | 'warming_misses', count: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Loads what a run asks for: the combinations of parameters that the definitions name, and what readers asked most of late. */
export class DashboardWarming {
  readonly #parts: DashboardWarmingParts;

  constructor(parts: DashboardWarmingParts) {
    this.#parts = parts;
  }

  /** Never rejects: how it ended is in the trail, the log and the statistics. */
  async warm(run: WarmingRun, signal: AbortSignal): Promise<void> {
    const { log, definitions, warmer, observed } = this.#parts;
    try {
      const dashboard = definitions().dashboards.get(run.dashboardId);
      // Taken away since it was asked for.
      if (!dashboard) return;
      const { observedCount } = dashboard.warming ?? USUAL_WARMING;
      const questions = await observed.hottest(dashboard.id, observedCount);
      const asked = questions.flatMap((question) => bodiesOfQuestion(question, { dashboard, run }));
      const bodies = [...bodiesOfDefinition(dashboard, run), ...asked.map(({ body }) => body)];
      const gone: HotQuestion[] = [];
      const leftOut: LeftOut[] = [];
      const refused = (body: WarmingBody, error: unknown): void => {
        const question = asked.find((each) => each.body === body)?.question;
        // A parameter or a panel of before.
        if (question && isUnknown(error)) gone.push(question);
        else {
          log.warn({ err: error, dashboard: run.dashboardId }, 'A part of a warming is left out');
          leftOut.push({ body, error });
        }
      };
      const done = await warmer.warmAll(bodies, { signal, patienceMs: PATIENCE_MS, refused });
      await observed.forget(gone);
      if (!signal.aborted) this.#tell(run, withLeftOut(done, leftOut, dashboard));
    } catch (error) {
      log.error({ err: error, dashboard: run.dashboardId }, 'A warming failed');
    }
  }

  #tell({ dashboardId: dashboard, trigger }: WarmingRun, done: WarmedTogether): void {
    const { trail, count, clock, log } = this.#parts;
    const { problems, ...counts } = done;
    const missesCount = counts.panels - counts.hits;
    const at = new Date(clock.nowMs()).toISOString();
    trail.record({ kind: 'warming', at, dashboard, trigger, ...counts });
    count('warmings', 1);
    count('warming_misses', missesCount);
    const told = { dashboard, trigger, ...counts };
    if (missesCount === 0)
      log.info(told, `Warmed ${dashboard}: a read now hits for all ${counts.panels} panels`);
    else
      log.warn(
        { ...told, problems },
        `Warmed ${dashboard}: a read now hits for ${counts.hits} of ${counts.panels} panels only`,
      );
  }
}

interface LeftOut {
  readonly body: WarmingBody;
  readonly error: unknown;
}

function isUnknown(error: unknown): boolean {
  return error instanceof DashcacheError && UNKNOWN_CODES.has(error.code);
}

/** What could not even be begun has failed: of how many tenants nobody knows, so each of its panels counts once. */
function withLeftOut(
  done: WarmedTogether,
  leftOut: readonly LeftOut[],
  { panels }: Dashboard,
): WarmedTogether {
  const problems = leftOut.map(({ body, error }) => {
    const { code, message } =
      error instanceof DashcacheError ? error : new DashcacheError('internal', { cause: error });
    return { panel: body.panel ?? 'all', tenant: body.tenant ?? null, code, detail: message };
  });
  const failed = leftOut.reduce((sum, { body }) => sum + (body.panel === undefined ? panels.size : 1), 0);
  return {
    ...done,
    panels: done.panels + failed,
    failed: done.failed + failed,
    problems: [...problems, ...done.problems],
  };
}

/** What the definitions name, for the tenants that the run is for. */
export function bodiesOfDefinition(
  dashboard: Dashboard,
  { panelIds, tenantText }: WarmingRun,
): WarmingBody[] {
  const { tenantParameter, parameters } = dashboard;
  const { params } = dashboard.warming ?? USUAL_WARMING;
  const hasAllTenants = tenantParameter === null || parameters.get(tenantParameter)?.options !== null;
  return params.flatMap((texts) => {
    const named = texts.get(tenantParameter ?? '') ?? null;
    if (tenantText !== null && (tenantParameter === null || (named !== null && named !== tenantText)))
      return [];
    // Nobody can tell all tenants: those that are asked for are observed.
    if (tenantText === null && named === null && !hasAllTenants) return [];
    const body: WarmingBody = {
      dashboard: dashboard.id,
      params: Object.fromEntries(texts),
      ...(tenantText !== null && { tenant: tenantText }),
    };
    return panelIds === null ? [body] : [...panelIds].map((panel) => ({ ...body, panel }));
  });
}

/** The same question as it would be asked now, as far as the run is about it. */
function bodiesOfQuestion(
  question: HotQuestion,
  { dashboard, run }: { dashboard: Dashboard; run: WarmingRun },
): { body: WarmingBody; question: HotQuestion }[] {
  const { panelId, tenantText, texts } = question;
  if (run.tenantText !== null && tenantText !== run.tenantText) return [];
  const body: WarmingBody = {
    dashboard: dashboard.id,
    params: Object.fromEntries(texts),
    ...(tenantText !== null && { tenant: tenantText }),
  };
  const { panelIds } = run;
  if (panelId !== null)
    return panelIds === null || panelIds.has(panelId)
      ? [{ body: { ...body, panel: panelId }, question }]
      : [];
  if (panelIds === null) return [{ body, question }];
  return [...panelIds].map((panel) => ({ body: { ...body, panel }, question }));
}
