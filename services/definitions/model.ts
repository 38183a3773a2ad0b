import type { SourceDefinition } from './source-definitions.js';

/** The checked, typed form of the definitions: what the YAML files mean once every default is filled in. */

export interface Definitions {
  /** Absolute path of the folder they came from. */
  readonly folder: string;
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  /** Settings that no panel uses because a file says otherwise, as sentences for `validate` and the log. */
  readonly shadowed: readonly string[];
}

/** Where in a file something was said; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Dashboard {
  readonly id: string;
  readonly title: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Name of the parameter with `tenant: true`, or null. */
  readonly tenantParameter: string | null;
  /** For the queries of its options; panels have their own. */
  readonly tenantProof: TenantProof;
  /** The source that its options queries run on; null when only its panels name sources, and then nothing has options. */
  readonly sourceName: string | null;
  /** By panel id, in the order metrics, charts as written, summary. */
  readonly panels: ReadonlyMap<string, Panel>;
  /** Null: nothing of it is loaded before anyone asks, unless somebody asks for that. */
  readonly warming: WarmingDefinition | null;
  readonly place: Place;
}

/** What is loaded of a dashboard before anyone asks, and when. */
export interface WarmingDefinition {
  /** Five fields as cron writes them; null: at no fixed time. */
  readonly schedule: string | null;
  /** IANA name: the zone of the schedule. */
  readonly timezone: string;
  /** After a start, and after a reload that changed it. */
  readonly afterDeploy: boolean;
  /** So many of the questions that readers asked most of late. */
  readonly observedCount: number;
  /** Combinations of parameters as texts; at least one, which may be empty: that of all defaults. */
  readonly params: readonly ReadonlyMap<string, string>[];
}

export type PanelKind = 'metrics' | 'chart' | 'summary';
export type ChartType = 'line' | 'bar' | 'area' | 'pie' | 'table';

/** Whether `validate` has to see that a query restricts by the tenant, or its author has said that it does. */
export type TenantProof = 'required' | 'declared';

export interface Panel {
  readonly dashboardId: string;
  /** `metrics`, `summary` or `charts/<name>`. */
  readonly id: string;
  readonly kind: PanelKind;
  readonly title: string;
  readonly sourceName: string;
  /** One query, or several named ones whose single rows are merged into one object. */
  readonly queries: readonly PanelQuery[];
  /** Charts only. `labels` is the column of the labels; every other column is a series. */
  readonly chart: { readonly type: ChartType; readonly labels: string } | null;
  /** By column name; columns without a declaration are absent. */
  readonly values: ReadonlyMap<string, ValueDefinition>;
  readonly policy: PanelPolicy;
  /** Where the ttl comes from: "panel", "dashboard", "dashcache.yaml" or the name of the setting. */
  readonly ttlOrigin: string;
  readonly tags: readonly string[];
  readonly dependsOn: readonly string[];
  readonly ttlOnly: boolean;
  readonly tenantProof: TenantProof;
  readonly maxRowsCount: number;
  readonly maxBytes: number;
  /** What browsers and proxies may reuse: the Cache-Control of answers. */
  readonly client: { readonly maxAgeMs: number; readonly staleMs: number; readonly staleIfErrorMs: number };
  /** The parameters that its queries bind, in the order in which the dashboard declares them. */
  readonly parameters: readonly Parameter[];
  /** Hash of all that decides its content and its tags: an entry of another definition is never found. */
  readonly definitionHash: string;
  readonly place: Place;
}

export interface PanelQuery {
  /** Name inside `queries`, or null for the single `query`. */
  readonly name: string | null;
  readonly statement: Statement;
  readonly place: Place;
}

/** SQL, or the path of an HTTP source, cut at its :name placeholders: `segments` has one element more than `names`. */
export interface Statement {
  readonly text: string;
  readonly segments: readonly string[];
  /** The bound names in order of appearance, repeated as they appear, e.g. site_id, period_start. */
  readonly names: readonly string[];
  /** For HTTP sources only: what the path means. */
  readonly request?: RequestTemplate;
}

/** A request of an HTTP source: its path and query with places for values, and what is taken from the answer. */
export interface RequestTemplate {
  /** Segments of the path, each behind a slash. */
  readonly path: readonly RequestPart[];
  /** Null where a name stands alone, without `=`. */
  readonly query: readonly { readonly name: string; readonly value: RequestPart | null }[];
  /** Where in the answer the rows are: the tokens of a JSON pointer, none for the whole answer. */
  readonly pointer: readonly string[];
  /** An array of objects, or one object. */
  readonly gives: 'rows' | 'row';
}

/** Text as it is sent, or the name of the one value that stands there. */
export type RequestPart = { readonly text: string } | { readonly bind: string };

export interface PanelPolicy {
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly staleIfErrorMs: number;
  /** How long a load may take. */
  readonly deadlineMs: number;
  /** How long a reader waits who has something stale; null: not at all within grace. */
  readonly softDeadlineMs: number | null;
  /** Whether an unproven value may be served while Redis does not answer. */
  readonly unproven: 'allow' | 'never';
  /** How long data may lack a change while the source is well; null: as long as ttl and grace allow. */
  readonly maxStalenessMs: number | null;
}

export type ValueFormat =
  | 'integer'
  | 'number'
  | 'percent'
  | 'currency'
  | 'duration'
  | 'bytes'
  | 'date'
  | 'text';

export interface ValueDefinition {
  readonly title: string;
  readonly format: ValueFormat | null;
  readonly unit: string | null;
  readonly digits: number | null;
  readonly better: 'up' | 'down' | null;
  /** Decimals are sent as strings. */
  readonly exact: boolean;
  readonly compare: 'previous_period' | null;
}

interface ParameterBase {
  readonly name: string;
  readonly title: string;
  readonly tenant: boolean;
  /** May be left out without a default: binds NULL. */
  readonly optional: boolean;
  /** Query of the choices offered to people, run on the dashboard's source; null without. */
  readonly options: Statement | null;
  /** As it would be written in a query string; null without a default. */
  readonly defaultText: string | null;
  readonly place: Place;
}

export type Parameter =
  | (ParameterBase & {
      readonly type: 'integer';
      readonly minimum: number | null;
      readonly maximum: number | null;
    })
  | (ParameterBase & {
      readonly type: 'number';
      readonly minimum: number | null;
      readonly maximum: number | null;
    })
  | (ParameterBase & { readonly type: 'boolean' | 'date' | 'timestamp' })
  | (ParameterBase & {
      readonly type: 'string';
      readonly enum: readonly string[] | null;
      readonly pattern: RegExp | null;
      /** In Unicode code points. */
      readonly maxLengthCount: number;
    })
  | (ParameterBase & {
      readonly type: 'period';
      /** Longest allowed period, as written, e.g. 366d; null without. */
      readonly maximum: string | null;
      /** As written, e.g. 1d. */
      readonly align: string;
      readonly timezone: string;
    });

export type BindType = 'integer' | 'number' | 'boolean' | 'string' | 'date' | 'timestamp';

/** A value bound to a placeholder. NULL keeps its type. A timestamp is in ms since 1970. A date is YYYY-MM-DD. */
export type BindValue =
  | { readonly type: 'integer'; readonly value: number | null }
  | { readonly type: 'number'; readonly value: number | null }
  | { readonly type: 'boolean'; readonly value: boolean | null }
  | { readonly type: 'string'; readonly value: string | null }
  | { readonly type: 'date'; readonly value: string | null }
  | { readonly type: 'timestamp'; readonly value: number | null };

export type Binds = ReadonlyMap<string, BindValue>;

/** One parameter of one request, checked. */
export interface ResolvedParameter {
  readonly parameter: Parameter;
  /** The one spelling of this meaning, null for NULL: what the key and `params` are made of. */
  readonly canonical: string | null;
  /** The same as JSON text, as it stands in `params` of a panel body. */
  readonly json: string;
  /** What it binds: its own name, or name_start and name_end for a period. */
  readonly binds: Binds;
  /** For a period: what it binds for the period before it; else null. */
  readonly previousBinds: Binds | null;
  /** Until when (wall clock) the text means this: of a relative period its end, of all else Infinity. */
  readonly meantUntilMs: number;
}

/** All parameters of one request by name. */
export type ResolvedParameters = ReadonlyMap<string, ResolvedParameter>;
