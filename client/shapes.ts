/** What one dashboard takes and gives, as `dashcache types` writes it. */
export interface DashboardShape {
  readonly params: object;
  /** By panel id: `metrics`, `summary`, `charts/<name>`. */
  readonly panels: object;
  /** Names of the parameters that offer choices; `never` without. */
  readonly options: string;
}

/** Any set of dashboards: what a client knows that was given no types. */
export type AnyDashboards = Record<
  string,
  { params: Record<string, Param | undefined>; panels: Record<string, AnyPanel>; options: string }
>;

/** One value in a query. */
export type Param = string | number | boolean;

/** A period: a length that ends now, or two instants or dates. */
export type Period = `${number}${'h' | 'd' | 'w' | 'mo'}` | `${string}/${string}`;

/** `YYYY-MM-DD`. */
export type DateText = `${number}-${number}-${number}`;

/** RFC 3339. */
export type Timestamp = `${number}-${number}-${number}T${string}`;

/** One cell of a result. Large integers and exact decimals are strings. */
export type Cell = string | number | boolean | null;

export interface AnyPanel {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly previous?: Readonly<Record<string, Cell>>;
}

export type DashboardIds<D> = keyof D & string;
export type ParamsOf<D, I extends keyof D> = D[I] extends { params: infer P extends object } ? P : never;
export type PanelIds<D, I extends keyof D> = D[I] extends { panels: infer P } ? keyof P & string : never;
export type OptionNames<D, I extends keyof D> = D[I] extends { options: infer O extends string } ? O : never;

/** The body of a panel. */
export type PanelBody<D, I extends keyof D, P> = D[I] extends { panels: infer All }
  ? P extends keyof All
    ? {
        readonly dashboard: I;
        readonly panel: P;
        readonly params: Readonly<Record<string, Param | null>>;
        readonly generated_at: string;
      } & All[P]
    : never
  : never;

/** What stands in a dashboard where a panel failed. */
export interface FailedPanel {
  readonly problem: ProblemBody;
}

type ChartName<P> = P extends `charts/${infer Name}` ? Name : never;

/** The body of a whole dashboard. */
export interface DashboardBody<D, I extends keyof D> {
  readonly dashboard: I;
  readonly params: Readonly<Record<string, Param | null>>;
  readonly panels: {
    readonly [P in Exclude<PanelIds<D, I>, `charts/${string}`>]: PanelBody<D, I, P> | FailedPanel;
  } & {
    readonly charts: {
      readonly [N in ChartName<PanelIds<D, I>>]: PanelBody<D, I, `charts/${N}`> | FailedPanel;
    };
  };
}

/** problem+json (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id?: string;
  readonly errors?: readonly {
    readonly detail: string;
    readonly parameter?: string;
    readonly pointer?: string;
  }[];
}

/** Params may be left out where none is required. */
export type Asked<P> =
  Record<never, never> extends P
    ? [params?: P, options?: RequestOptions]
    : [params: P, options?: RequestOptions];

export interface RequestOptions {
  readonly signal?: AbortSignal;
}
