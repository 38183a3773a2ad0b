import { DashcacheError } from '../../errors.js';
import { isServedAtOnce } from '../cache/inspection.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService, PanelRequest } from '../dashboard-cache-service.js';
import type { Definitions, Panel } from '../definitions/model.js';
import { noTenant } from '../definitions/tenant.js';
import { bindsTenant } from '../operator-requests.js';
import { optionsPanel } from '../options-panel.js';
import { planned, type WarmingPlan, warmingPlan } from './warming-plan.js';
import type { Warmed, WarmingBody } from './warming-schema.js';

export interface WarmerParts {
  readonly service: Pick<DashboardCacheService, 'read' | 'warm' | 'look' | 'inspect'>;
  readonly definitions: () => Definitions;
  readonly clock: Clock;
}

const PROBLEMS_MAX_COUNT = 20;
/** A source that fails so often in a row is away: the rest of its panels is not tried. */
const FAILURES_IN_A_ROW_COUNT = 10;
/** Where a source was taken away by a reload meanwhile. */
const ONE_AT_A_TIME = 1;

/** What one panel of one tenant came to. */
type Outcome = 'loaded' | 'fresh' | 'failed' | 'switched_off';

/** Loads what readers will ask for, before they do: as many panels of a source at once as it answers queries at once. */
export class Warmer {
  readonly #service: WarmerParts['service'];
  readonly #definitions: () => Definitions;
  readonly #clock: Clock;

  constructor(parts: WarmerParts) {
    this.#service = parts.service;
    this.#definitions = parts.definitions;
    this.#clock = parts.clock;
  }

  /**
   * Resolves when all is loaded and looked up again. Throws what is wrong with the body, or the error of the tenants' options;
   * failures of panels are counted and told. Begins nothing more once `signal` aborts.
   */
  async warm(body: WarmingBody, signal: AbortSignal): Promise<Warmed> {
    const startedMs = this.#clock.monotonicMs();
    const definitions = this.#definitions();
    const plan = warmingPlan(body, definitions, this.#clock.nowMs());
    const tenants = plan.tenant === 'all' ? await this.#tenantsOf(plan) : [plan.tenant];
    const run = new WarmingRun({ plan, tenants, clock: this.#clock, service: this.#service, signal });
    const sourceNames = new Set(plan.panels.map(({ sourceName }) => sourceName));
    await Promise.all(
      [...sourceNames].map((name) =>
        run.load(name, definitions.sources.get(name)?.concurrencyCount ?? ONE_AT_A_TIME),
      ),
    );
    return {
      dashboard: plan.dashboard.id,
      tenants: plan.dashboard.tenantParameter === null ? null : tenants.length,
      panels: Object.values(run.counts).reduce((sum, count) => sum + count, 0),
      ...run.counts,
      hits: await run.countHits(),
      duration_ms: Math.round(this.#clock.monotonicMs() - startedMs),
      problems: run.problems,
    };
  }

  /** The values of the tenant parameter's options, as texts. */
  async #tenantsOf({ dashboard }: WarmingPlan): Promise<string[]> {
    const panel = optionsPanel(dashboard, dashboard.tenantParameter ?? '');
    if (!panel) throw new Error(`${dashboard.id} has no options of its tenants`);
    const answer = await this.#service.read({ panel, parameters: new Map(), tenant: noTenant });
    const bytes = await answer.entry.body.bytes('identity');
    const { options }: { options: { value: unknown }[] } = JSON.parse(bytes.toString());
    return options.flatMap(({ value }) => (value === null ? [] : [String(value)]));
  }
}

/** One warming on its way. */
class WarmingRun {
  readonly counts: Record<Outcome, number> = { loaded: 0, fresh: 0, failed: 0, switched_off: 0 };
  readonly problems: Warmed['problems'] = [];
  readonly #plan: WarmingPlan;
  readonly #tenants: readonly (string | null)[];
  readonly #service: WarmerParts['service'];
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(run: {
    plan: WarmingPlan;
    tenants: readonly (string | null)[];
    service: WarmerParts['service'];
    clock: Clock;
    signal: AbortSignal;
  }) {
    this.#plan = run.plan;
    this.#tenants = run.tenants;
    this.#service = run.service;
    this.#clock = run.clock;
    this.#signal = run.signal;
  }

  /** Loads the panels of one source, so many at once. */
  async load(sourceName: string, atOnceCount: number): Promise<void> {
    const requests = this.#requests((panel) => panel.sourceName === sourceName);
    let failedInARow = 0;
    const worker = async () => {
      for (const asked of requests) {
        const isGivenUp = failedInARow >= FAILURES_IN_A_ROW_COUNT;
        const outcome = await this.#outcomeOf({ ...asked, isGivenUp });
        failedInARow = outcome === 'failed' ? failedInARow + 1 : 0;
        this.counts[outcome]++;
      }
    };
    await Promise.all(Array.from({ length: atOnceCount }, worker));
  }

  /** Looked up as a browser's read would be at this moment, not as it was when the loads began. */
  async countHits(): Promise<number> {
    let hits = 0;
    for (const { request } of this.#requests(() => true)) {
      if (!request) continue;
      const look = this.#service.look(request);
      if (!look.isEnabled) continue;
      const { l1, l2 } = await this.#service.inspect(look);
      if (isServedAtOnce(l1) || isServedAtOnce(l2)) hits++;
    }
    return hits;
  }

  async #outcomeOf(asked: Asked & { isGivenUp: boolean }): Promise<Outcome> {
    const { request, fault, isGivenUp } = asked;
    if (this.#signal.aborted) return this.#fail(asked, new DashcacheError('starting_or_draining'));
    if (!request) return this.#fail(asked, fault);
    if (isGivenUp)
      return this.#fail(
        asked,
        new DashcacheError('source_down', { detail: 'Not tried: its source failed too often in a row.' }),
      );
    try {
      const answer = await this.#service.warm(request);
      if (answer === null) return 'switched_off';
      return answer.outcome === 'hit' ? 'fresh' : 'loaded';
    } catch (error) {
      return this.#fail(asked, error);
    }
  }

  #fail({ panel, tenant }: Asked, error: unknown): 'failed' {
    const { code, message } = error instanceof DashcacheError ? error : new DashcacheError('internal');
    if (this.problems.length < PROBLEMS_MAX_COUNT)
      this.problems.push({ panel: panel.id, tenant, code, detail: message });
    return 'failed';
  }

  /** All reads, tenant by tenant, made when their turn comes; one that no reader could ask has its fault instead. */
  *#requests(wanted: (panel: Panel) => boolean): Generator<Asked> {
    for (const [at, tenant] of this.#tenants.entries()) {
      let requests: readonly PanelRequest[] = [];
      let fault: unknown = null;
      try {
        requests = planned(this.#plan, tenant, this.#clock.nowMs());
      } catch (error) {
        fault = error;
      }
      // The choices of the tenants themselves are the same for all.
      for (const [index, panel] of this.#plan.panels.entries())
        if (wanted(panel) && (at === 0 || bindsTenant(panel)))
          yield { panel, tenant, request: requests[index] ?? null, fault };
    }
  }
}

interface Asked {
  readonly panel: Panel;
  readonly tenant: string | null;
  /** Null where a tenant in the options is none that its parameter accepts. */
  readonly request: PanelRequest | null;
  readonly fault: unknown;
}
