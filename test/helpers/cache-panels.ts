import type {
  Binds,
  BindValue,
  Panel,
  PanelQuery,
  Parameter,
  Place,
  ResolvedParameter,
  ResolvedParameters,
  Statement,
} from '../../services/definitions/model.js';
import type { QueryLimits, Source, SourceResult } from '../../services/sources/source.js';
import { ROOM_POLICY } from './cache-room.js';

export const somewhere: Place = { file: 'dashboards/test.yaml', line: 1, column: 1 };

/** The statement of a text with :names. */
export function statementOf(text: string): Statement {
  const names = [...text.matchAll(/:([a-z_]+)/g)].map(([, name = '']) => name);
  return { text, segments: text.split(/:[a-z_]+/), names };
}

export function queryOf(text: string, name: string | null = null): PanelQuery {
  return { name, statement: statementOf(text), place: somewhere };
}

export function panelOf(given: Partial<Panel> = {}): Panel {
  return {
    dashboardId: 'operations',
    id: 'metrics',
    kind: 'metrics',
    title: 'Metrics',
    sourceName: 'main',
    queries: [queryOf('SELECT 1')],
    chart: null,
    values: new Map(),
    policy: ROOM_POLICY,
    ttlOrigin: 'METRICS_TIMEOUT',
    tags: [],
    dependsOn: [],
    ttlOnly: false,
    tenantProof: 'required',
    maxRowsCount: 10_000,
    maxBytes: 4 * 1024 * 1024,
    client: { maxAgeMs: 0, staleMs: 5000, staleIfErrorMs: 60_000 },
    parameters: [],
    definitionHash: 'd'.repeat(32),
    place: somewhere,
    ...given,
  };
}

const base = { title: 'A parameter', optional: true, options: null, defaultText: null, place: somewhere };

export function integerParameter(name: string, given: { tenant?: boolean } = {}): Parameter {
  return { ...base, name, tenant: given.tenant ?? false, type: 'integer', minimum: null, maximum: null };
}

export function stringParameter(name: string, given: { tenant?: boolean } = {}): Parameter {
  const text = { type: 'string', enum: null, pattern: null, maxLengthCount: 100 } as const;
  return { ...base, name, tenant: given.tenant ?? false, ...text };
}

export function periodParameter(name: string): Parameter {
  const period = { type: 'period', maximum: null, align: '1h', timezone: 'UTC' } as const;
  return { ...base, name, tenant: false, ...period };
}

/** An integer or text as a request gave it. */
export function resolved(parameter: Parameter, value: number | string | null): ResolvedParameter {
  const bound: BindValue =
    parameter.type === 'integer'
      ? { type: 'integer', value: value === null ? null : Number(value) }
      : { type: 'string', value: value === null ? null : String(value) };
  return {
    parameter,
    canonical: value === null ? null : String(value),
    json: JSON.stringify(value),
    binds: new Map([[parameter.name, bound]]),
    previousBinds: null,
    meantUntilMs: Number.POSITIVE_INFINITY,
  };
}

/** A period of that many days from a day, and the one before it. */
export function resolvedPeriod(parameter: Parameter, day: string, daysCount: number): ResolvedParameter {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  const lengthMs = daysCount * 86_400_000;
  const bindsFrom = (fromMs: number): Binds =>
    new Map<string, BindValue>([
      [`${parameter.name}_start`, { type: 'timestamp', value: fromMs }],
      [`${parameter.name}_end`, { type: 'timestamp', value: fromMs + lengthMs }],
    ]);
  const canonical = `${new Date(startMs).toISOString()}/${new Date(startMs + lengthMs).toISOString()}`;
  return {
    parameter,
    canonical,
    json: JSON.stringify(canonical),
    binds: bindsFrom(startMs),
    previousBinds: bindsFrom(startMs - lengthMs),
    meantUntilMs: Number.POSITIVE_INFINITY,
  };
}

export function parametersOf(...all: readonly ResolvedParameter[]): ResolvedParameters {
  return new Map(all.map((one) => [one.parameter.name, one]));
}

/** One row of integers, by column name. */
export function rowOf(cells: Record<string, number | null>): SourceResult {
  return {
    columns: Object.keys(cells).map((name) => ({ name, type: 'integer' })),
    rows: [Object.values(cells)],
  };
}

export interface AskedQuery {
  readonly text: string;
  /** Bound values by name. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly limits: QueryLimits;
}

/** A source that answers what the test says and remembers what it was asked. */
export class CachedSource implements Source {
  readonly kind = 'duckdb';
  readonly asked: AskedQuery[] = [];
  readonly name: string;
  readonly #answer: (asked: AskedQuery) => Promise<SourceResult> | SourceResult;

  constructor(answer: (asked: AskedQuery) => Promise<SourceResult> | SourceResult, name = 'main') {
    this.#answer = answer;
    this.name = name;
  }

  async query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    const values = Object.fromEntries([...binds].map(([name, { value }]) => [name, value]));
    const asked = { text: statement.text, values, limits };
    this.asked.push(asked);
    return this.#answer(asked);
  }

  async check(): Promise<never> {
    throw new Error('Nobody checks here');
  }

  onTablesChanged(): void {}

  state(): { ok: boolean; detail: string | null } {
    return { ok: true, detail: null };
  }

  async close(): Promise<void> {}
}
