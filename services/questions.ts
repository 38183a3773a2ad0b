import type { PanelRequest } from './dashboard-cache-service.js';
import type { Dashboard, Panel, ResolvedParameters } from './definitions/model.js';
import { type Place, ResolvedQueries } from './definitions/resolved-queries.js';
import { noTenant, type Tenant } from './definitions/tenant.js';
import type { Identity } from './identity/identity.js';
import type { Tenants } from './identity/tenants.js';
import type { AskedRead } from './warming/observed-question.js';
import type { ObservedReads } from './warming/observed-reads.js';

/** What somebody asks: checked, and his to ask. */
export interface Question extends Place {
  readonly parameters: ResolvedParameters;
  readonly tenant: Tenant;
  /** One for each panel. */
  readonly reads: readonly PanelRequest[];
  /** Equal for questions that mean the same, however they are spelled. */
  readonly meaning: string;
  /** Tells who learns what is asked most. */
  note(): void;
}

/** The same about one panel. */
export interface PanelQuestion {
  readonly question: Question;
  readonly read: PanelRequest;
}

/** Who asks, and when. */
export interface AskedBy {
  readonly identity: Identity | null;
  /** Wall clock: what periods mean. */
  readonly nowMs: number;
}

export interface QuestionsParts {
  readonly tenants: Tenants;
  readonly observed: Pick<ObservedReads, 'noterOf'>;
}

/** Turns an address into a checked question: which panels, which parameters, whose data. */
export class Questions {
  readonly #parts: QuestionsParts;
  readonly #queries = new ResolvedQueries();
  /** Made once for parameters that are resolved once. */
  readonly #ofParameters = new WeakMap<ResolvedParameters, Question>();

  constructor(parts: QuestionsParts) {
    this.#parts = parts;
  }

  /** About one panel. Throws as ask does. */
  askPanel(url: string, dashboard: Dashboard, panel: Panel, by: AskedBy): PanelQuestion {
    const question = this.ask(url, { dashboard, panels: [panel], panelId: panel.id }, by);
    const [read] = question.reads;
    if (!read) throw new Error(`The question about ${panel.id} reads no panel`);
    return { question, read };
  }

  /** The query as it came: a parser that coerces would change 1e400, 9007199254740993 or n=1&n=2 before we see them. Throws what is wrong with it, and forbidden. */
  ask(url: string, { dashboard, panels, panelId }: Place, { identity, nowMs }: AskedBy): Question {
    const { tenants } = this.#parts;
    const { rawQuery, parameters, meaning, isKept } = this.#queries.resolve(url, {
      dashboard,
      panels,
      panelId,
      nowMs,
      leftOutText: ({ tenant }) => (tenant ? tenants.meant(identity, dashboard) : undefined),
    });
    const known = isKept ? this.#ofParameters.get(parameters) : undefined;
    // The choices of the tenant itself are the one thing of a tenant's dashboard that is no tenant's.
    const isOfTenant = known ? known.tenant !== noTenant : panels.some(bindsTenant);
    // Asked each time: whoever asked before may have been another.
    const tenant = isOfTenant ? tenants.of(identity, { dashboard, parameters }, known?.tenant) : noTenant;
    if (known?.tenant === tenant) return known;
    const observed = observedOf({ dashboard, panels, panelId }, tenant, rawQuery);
    const question: Question = {
      dashboard,
      panels,
      panelId,
      parameters,
      tenant,
      meaning,
      reads: panels.map((panel) => ({ panel, parameters, tenant })),
      note: this.#parts.observed.noterOf(observed),
    };
    if (isKept) this.#ofParameters.set(parameters, question);
    return question;
  }
}

function bindsTenant({ parameters }: Panel): boolean {
  return parameters.some(({ tenant }) => tenant);
}

function observedOf({ dashboard, panelId }: Place, tenant: Tenant, rawQuery: string): AskedRead {
  const { id: dashboardId, tenantParameter } = dashboard;
  return { dashboardId, panelId, tenantText: tenant.text, tenantParameter, rawQuery };
}
