import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService } from '../dashboard-cache-service.js';
import type { Definitions } from '../definitions/model.js';
import { noTenant } from '../definitions/tenant.js';
import { optionsPanel } from '../options-panel.js';
import { Patience } from './patience.js';
import { type Wanted, WarmingLoads } from './warming-loads.js';
import { type WarmingPlan, warmingPlan } from './warming-plan.js';
import type { Warmed, WarmingBody } from './warming-schema.js';

export interface WarmerParts {
  readonly service: Pick<DashboardCacheService, 'read' | 'warm' | 'look' | 'inspect'>;
  readonly definitions: () => Definitions;
  readonly clock: Clock;
}

/** What several warmings did together. */
export type WarmedTogether = Omit<Warmed, 'dashboard' | 'tenants'>;

/** Where a source was taken away by a reload meanwhile. */
const ONE_AT_A_TIME = 1;

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
    const patience = new Patience({ clock: this.#clock, signal, patienceMs: 0 });
    const wanted = await this.#wanted(body, patience);
    const { dashboard } = wanted.plan;
    const done = await this.#load([wanted], { signal, startedMs, patience });
    return {
      dashboard: dashboard.id,
      tenants: dashboard.tenantParameter === null ? null : wanted.tenants.length,
      ...done,
    };
  }

  /**
   * Several at once, each address once. What is wrong with one of them is told to `refused`, and the others go on. A source whose
   * budget is spent is asked again for so long, for the tenants too.
   */
  async warmAll(
    bodies: readonly WarmingBody[],
    how: {
      readonly signal: AbortSignal;
      readonly patienceMs: number;
      readonly refused: (body: WarmingBody, error: unknown) => void;
    },
  ): Promise<WarmedTogether> {
    const startedMs = this.#clock.monotonicMs();
    const patience = new Patience({ ...how, clock: this.#clock });
    const wanted: Wanted[] = [];
    for (const body of bodies) {
      try {
        wanted.push(await this.#wanted(body, patience));
      } catch (error) {
        how.refused(body, error);
      }
    }
    return this.#load(wanted, { signal: how.signal, patience, startedMs });
  }

  async #load(
    wanted: readonly Wanted[],
    { startedMs, ...how }: { signal: AbortSignal; patience: Patience; startedMs: number },
  ): Promise<WarmedTogether> {
    const loads = new WarmingLoads(wanted, {
      ...how,
      service: this.#service,
      clock: this.#clock,
      definitions: this.#definitions,
    });
    const sourceNames = new Set(
      wanted.flatMap(({ plan }) => plan.panels.map(({ sourceName }) => sourceName)),
    );
    const { sources } = this.#definitions();
    await Promise.all(
      [...sourceNames].map((name) => loads.load(name, sources.get(name)?.concurrencyCount ?? ONE_AT_A_TIME)),
    );
    return {
      panels: Object.values(loads.counts).reduce((sum, count) => sum + count, 0),
      ...loads.counts,
      hits: await loads.countHits(),
      duration_ms: Math.round(this.#clock.monotonicMs() - startedMs),
      problems: loads.problems,
    };
  }

  async #wanted(body: WarmingBody, patience: Patience): Promise<Wanted> {
    const plan = warmingPlan(body, this.#definitions(), this.#clock.nowMs());
    if (plan.tenant !== 'all') return { plan, tenants: [plan.tenant] };
    return { plan, tenants: await patience.ask(() => this.#tenantsOf(plan)) };
  }

  /** The values of the tenant parameter's options, as texts. */
  async #tenantsOf({ dashboard }: WarmingPlan): Promise<string[]> {
    const panel = optionsPanel(dashboard, dashboard.tenantParameter ?? '');
    if (!panel) throw new DashcacheError('parameter_unknown');
    const answer = await this.#service.read({ panel, parameters: new Map(), tenant: noTenant });
    const bytes = await answer.entry.body.bytes('identity');
    const { options }: { options: { value: unknown }[] } = JSON.parse(bytes.toString());
    return options.flatMap(({ value }) => (value === null ? [] : [String(value)]));
  }
}
