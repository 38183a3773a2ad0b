import { type LiveHandlers, LiveSubscription } from './live.js';
import type {
  AnyDashboards,
  Asked,
  DashboardBody,
  DashboardIds,
  DashboardShape,
  OptionNames,
  PanelBody,
  PanelIds,
  ParamsOf,
  RequestOptions,
} from './shapes.js';
import { type Answer, queryOf, Transport, type TransportOptions } from './transport.js';

export { DashcacheProblem } from './dashcache-problem.js';
export type { Freshness, PanelFreshness } from './freshness.js';
export type { LiveFreshness, LiveHandlers, LivePanel, LiveState } from './live.js';
export type {
  AnyDashboards,
  Cell,
  DashboardBody,
  DashboardShape,
  DateText,
  FailedPanel,
  PanelBody,
  Param,
  Period,
  ProblemBody,
  RequestOptions,
  Timestamp,
} from './shapes.js';
export type { Answer } from './transport.js';

export type ClientOptions = TransportOptions;

/** One choice of a parameter. */
export interface Choice {
  readonly value: string | number | boolean;
  readonly label: string;
}

/** What `GET /dashboards` tells of one dashboard. */
export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  readonly tenant: string | null;
  /** JSON Schema of the query. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly panels: readonly {
    readonly id: string;
    readonly title: string;
    readonly type: string;
    readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
}

/** A running subscription. */
export interface Subscription {
  end(): void;
  /** Resolves when it has ended, by you or by a problem that does not pass. */
  readonly ended: Promise<void>;
}

/** The API of a service. Every method rejects with DashcacheProblem, or with what fetch rejects with. */
export interface DashcacheClient<D extends { [I in keyof D]: DashboardShape }> {
  catalogue(options?: RequestOptions): Promise<Answer<{ readonly dashboards: readonly CatalogueEntry[] }>>;
  /** A whole dashboard: each panel's body, or its problem. */
  dashboard<I extends DashboardIds<D>>(
    id: I,
    ...rest: Asked<ParamsOf<D, I>>
  ): Promise<Answer<DashboardBody<D, I>>>;
  // `& string` keeps the name that is given: else any panel would do.
  panel<I extends DashboardIds<D>, P extends PanelIds<D, I> & string>(
    id: I,
    panel: P,
    ...rest: Asked<ParamsOf<D, I>>
  ): Promise<Answer<PanelBody<D, I, P>>>;
  /** The choices of a parameter. */
  options<I extends DashboardIds<D>>(
    id: I,
    name: OptionNames<D, I>,
    params?: Partial<ParamsOf<D, I>>,
    options?: RequestOptions,
  ): Promise<Answer<{ readonly options: readonly Choice[] }>>;
  /** What the service measures of itself; for those who may see it. */
  statistics(options?: RequestOptions): Promise<Answer<Readonly<Record<string, unknown>>>>;
  /** The panels of a dashboard as they change. Connects again by itself, and is sent only what it has not. */
  subscribe<I extends DashboardIds<D>>(
    id: I,
    params: ParamsOf<D, I>,
    handlers: LiveHandlers<D, I>,
  ): Subscription;
}

type Rest = [params?: object, options?: RequestOptions];

/** A client of one service. Types are those that `dashcache types` writes; without them everything is allowed. */
export function createClient<D extends { [I in keyof D]: DashboardShape } = AnyDashboards>(
  options: ClientOptions,
): DashcacheClient<D> {
  const transport = new Transport(options);
  const read = (path: string, rest: readonly unknown[]) => {
    const [params, asked] = rest as Rest;
    return transport.read<never>(path + queryOf(params), { ...asked });
  };
  return {
    catalogue: (asked) => read('/dashboards', [{}, asked]),
    dashboard: (id, ...rest) => read(`/dashboards/${id}`, rest),
    panel: (id, panel, ...rest) => read(`/dashboards/${id}/${panel}`, rest),
    options: (id, name, ...rest) => read(`/dashboards/${id}/options/${name}`, rest),
    statistics: (asked) => read('/reports/cache-statistics/', [{}, asked]),
    subscribe(id, params, handlers) {
      const path = `/dashboards/${id}/live${queryOf(params)}`;
      const subscription = new LiveSubscription(transport, path, handlers);
      return { end: () => subscription.end(), ended: subscription.run() };
    },
  };
}
