import { DashcacheError } from '../../errors.js';
import { isServedAtOnce } from '../cache/inspection.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService, PanelRequest } from '../dashboard-cache-service.js';
import type { Definitions, Panel } from '../definitions/model.js';
import { isDeclared } from '../is-declared.js';
import { bindsTenant } from '../operator-requests.js';
import type { Patience } from './patience.js';
import { planned, type WarmingPlan } from './warming-plan.js';
import type { Warmed } from './warming-schema.js';

const PROBLEMS_MAX_COUNT = 20;
/** A source that fails so often in a row is away: the rest of its panels is not tried. */
const FAILURES_IN_A_ROW_COUNT = 10;
const LOOKS_AT_ONCE_COUNT = 16;

/** A plan, and the tenants that it is for. */
export interface Wanted {
  readonly plan: WarmingPlan;
  readonly tenants: readonly (string | null)[];
}

export interface WarmingLoadsParts {
  readonly service: Pick<DashboardCacheService, 'warm' | 'look' | 'inspect'>;
  readonly definitions: () => Definitions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly patience: Patience;
}

/** What one panel of one tenant came to. */
type Outcome = 'loaded' | 'fresh' | 'failed' | 'switched_off';

interface Asked {
  readonly panel: Panel;
  readonly tenant: string | null;
  /** Null where a tenant in the options is none that its parameter accepts. */
  readonly request: PanelRequest | null;
  readonly fault: unknown;
}

/** One warming on its way. */
export class WarmingLoads {
  readonly counts: Record<Outcome, number> = { loaded: 0, fresh: 0, failed: 0, switched_off: 0 };
  readonly problems: Warmed['problems'] = [];
  readonly #wanted: readonly Wanted[];
  readonly #parts: WarmingLoadsParts;

  constructor(wanted: readonly Wanted[], parts: WarmingLoadsParts) {
    this.#wanted = wanted;
    this.#parts = parts;
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
    const requests = this.#requests(() => true);
    let hits = 0;
    const worker = async () => {
      for (const { request } of requests) if (request && (await this.#isHit(request))) hits++;
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE_COUNT }, worker));
    return hits;
  }

  async #isHit(request: PanelRequest): Promise<boolean> {
    const { service } = this.#parts;
    const look = service.look(request);
    if (!look.isEnabled) return false;
    const { l1, l2 } = await service.inspect(look);
    return isServedAtOnce(l1) || isServedAtOnce(l2);
  }

  async #outcomeOf(asked: Asked & { isGivenUp: boolean }): Promise<Outcome> {
    const { request, fault, isGivenUp, panel } = asked;
    const { signal, definitions, service, patience } = this.#parts;
    if (signal.aborted) return this.#fail(asked, new DashcacheError('starting_or_draining'));
    if (!request) return this.#fail(asked, fault);
    // A reload came in between: nobody asks for it any more.
    if (!isDeclared(panel, definitions())) return this.#fail(asked, new DashcacheError('panel_unknown'));
    if (isGivenUp)
      return this.#fail(
        asked,
        new DashcacheError('source_down', { detail: 'Not tried: its source failed too often in a row.' }),
      );
    try {
      const answer = await patience.ask(() => service.warm(request));
      if (answer === null) return 'switched_off';
      return answer.outcome === 'hit' ? 'fresh' : 'loaded';
    } catch (error) {
      return this.#fail(asked, error);
    }
  }

  #fail({ panel, tenant }: Asked, error: unknown): 'failed' {
    const { code, message } =
      error instanceof DashcacheError ? error : new DashcacheError('internal', { cause: error });
    if (this.problems.length < PROBLEMS_MAX_COUNT)
      this.problems.push({ panel: panel.id, tenant, code, detail: message });
    return 'failed';
  }

  /** All reads, tenant by tenant, made when their turn comes; one that no reader could ask has its fault instead. */
  *#requests(ofSource: (panel: Panel) => boolean): Generator<Asked> {
    // What readers ask often may be what is loaded anyway.
    const seen = this.#wanted.length > 1 ? new Set<string>() : null;
    for (const wanted of this.#wanted)
      for (const asked of this.#requestsOf(wanted, ofSource)) {
        const hash = seen && asked.request && this.#parts.service.look(asked.request).request.key.hash;
        if (hash !== null && seen?.has(hash)) continue;
        if (hash !== null) seen?.add(hash);
        yield asked;
      }
  }

  *#requestsOf({ plan, tenants }: Wanted, ofSource: (panel: Panel) => boolean): Generator<Asked> {
    for (const [at, tenant] of tenants.entries()) {
      let requests: readonly PanelRequest[] = [];
      let fault: unknown = null;
      try {
        requests = planned(plan, tenant, this.#parts.clock.nowMs());
      } catch (error) {
        fault = error;
      }
      // The choices of the tenants themselves are the same for all.
      for (const [index, panel] of plan.panels.entries())
        if (ofSource(panel) && (at === 0 || bindsTenant(panel)))
          yield { panel, tenant, request: requests[index] ?? null, fault };
    }
  }
}
