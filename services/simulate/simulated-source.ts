import type { Clock } from '../clock.js';
import type { Panel, Statement } from '../definitions/model.js';
import type { CheckedStatement, Column, QueryLimits, Source, SourceResult } from '../sources/source.js';

export interface SimulatedSourceParts {
  readonly name: string;
  readonly kind: Source['kind'];
  readonly clock: Clock;
  /** How long a query takes. */
  readonly loadMs: number;
  /** Told of every query, with the panel that asks; null: the choices of a parameter. */
  readonly onQuery: (panel: Panel | null) => void;
  /** By their statements. */
  readonly panels: ReadonlyMap<Statement, Panel>;
  /** Of the answer of a panel; null where nobody knows. */
  readonly bytesOf: (panel: Panel) => number | null;
}

/** Where a log says nothing of sizes. */
const USUAL_BYTES = 2048;
/** Of an answer of JSON so much is left when it is coded, as a rule: entries keep their codings too. */
const CODED_SHARE = 1 / 5;
const CHOICES: readonly Column[] = [
  { name: 'value', type: 'integer' },
  { name: 'label', type: 'text' },
];

/** Answers every query after the same time with a result of the size that the log says, and never twice the same. */
export class SimulatedSource implements Source {
  readonly #parts: SimulatedSourceParts;
  /** Loads that wait for queries, by what each has to itself, and for how many. */
  readonly #waiting = new Map<object, number>();
  #queriesCount = 0;

  constructor(parts: SimulatedSourceParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get kind(): Source['kind'] {
    return this.#parts.kind;
  }

  /** Loads that go on only with time. */
  get waitingLoadsCount(): number {
    return this.#waiting.size;
  }

  async query(statement: Statement, _binds: unknown, limits: QueryLimits): Promise<SourceResult> {
    const { panels, loadMs, onQuery } = this.#parts;
    const panel = panels.get(statement) ?? null;
    onQuery(panel);
    const number = ++this.#queriesCount;
    if (loadMs > 0) await this.#wait(loadMs, limits);
    return panel ? this.#resultOf(panel, number) : { columns: CHOICES, rows: [[1, 'one']] };
  }

  async check(): Promise<CheckedStatement> {
    return { columns: null, tables: [], verdict: 'unknown' };
  }

  onTablesChanged(): void {}

  state(): { ok: true; detail: null } {
    return { ok: true, detail: null };
  }

  async close(): Promise<void> {}

  async #wait(
    loadMs: number,
    { signal, turn = {} }: Pick<QueryLimits, 'signal'> & { turn?: object },
  ): Promise<void> {
    this.#waiting.set(turn, (this.#waiting.get(turn) ?? 0) + 1);
    try {
      await new Promise<void>((resolve, reject) => {
        const cancel = this.#parts.clock.after(loadMs, resolve);
        const end = () => {
          cancel();
          reject(signal.reason);
        };
        signal.addEventListener('abort', end, { once: true });
      });
    } finally {
      const restCount = (this.#waiting.get(turn) ?? 1) - 1;
      if (restCount > 0) this.#waiting.set(turn, restCount);
      else this.#waiting.delete(turn);
    }
  }

  #resultOf(panel: Panel, number: number): SourceResult {
    const bytes = (this.#parts.bytesOf(panel) ?? USUAL_BYTES) / Math.max(1, panel.queries.length);
    const text = `${number} ${noise(bytes * CODED_SHARE, number)}`.padEnd(bytes, 'x');
    // Each query of several has a column of its own: they are merged into one row.
    const value: Column = { name: `value ${number}`, type: 'text' };
    if (!panel.chart) return { columns: [value], rows: [[text]] };
    return { columns: [{ name: panel.chart.labels, type: 'text' }, value], rows: [['label', text]] };
  }
}

/** Text that no coding makes much shorter, another for each number. */
function noise(bytes: number, number: number): string {
  let text = '';
  for (let state = number + 1; text.length < bytes; ) {
    // Numerical Recipes' generator: any that does not repeat itself soon would do.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, bytes);
}
