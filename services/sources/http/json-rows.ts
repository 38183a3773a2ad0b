import { DashcacheError } from '../../../errors.js';
import type { RequestTemplate } from '../../definitions/model.js';
import type { QueryLimits, SourceResult } from '../source.js';
import { ColumnCells } from './column-cells.js';
import { type JsonKind, JsonText } from './json-text.js';

/** What one missing cell counts: `null` and its comma, as they will be written. */
const MISSING_CELL_BYTES = 5;

type Wanted = Pick<RequestTemplate, 'pointer' | 'gives'>;

/**
 * The rows of a JSON answer: the objects of the array at the pointer, or the one object there (`null` is no row). Columns are
 * the names in the order in which they first appear, a name that a row lacks is null in it. Throws JsonFault for what is no
 * JSON, and source_wrong_answer for JSON of another shape or beyond the limits.
 */
export function jsonRows(text: string, wanted: Wanted, limits: Omit<QueryLimits, 'signal'>): SourceResult {
  const json = new JsonText(text);
  const finder = new RowsFinder(json, wanted, limits);
  finder.descend(0);
  json.end();
  return finder.result();
}

class RowsFinder {
  readonly #json: JsonText;
  readonly #wanted: Wanted;
  readonly #limits: Omit<QueryLimits, 'signal'>;
  #columns = new Map<string, ColumnCells>();
  #rowsCount = 0;
  #isFound = false;

  constructor(json: JsonText, wanted: Wanted, limits: Omit<QueryLimits, 'signal'>) {
    this.#json = json;
    this.#wanted = wanted;
    this.#limits = limits;
  }

  /** Reads what the first `depth` tokens of the pointer have led to; everything else on the way is only checked. */
  descend(depth: number): void {
    const json = this.#json;
    const token = this.#wanted.pointer[depth];
    const kind = json.kind();
    if (token === undefined) this.#readRows(kind);
    else if (kind === 'object')
      json.members((name) => (name === token ? this.descend(depth + 1) : json.skip()));
    else if (kind === 'array')
      json.elements((index) => (String(index) === token ? this.descend(depth + 1) : json.skip()));
    else json.skip();
  }

  result(): SourceResult {
    if (!this.#isFound)
      throw wrongAnswer('The answer of the data source has nothing where `rows` of this panel points to.');
    const columns = [...this.#columns].map(([name, cells]) => ({ name, ...cells.typed() }));
    const rows = Array.from({ length: this.#rowsCount }, (_, row) =>
      columns.map(({ cells }) => cells[row] ?? null),
    );
    return { columns: columns.map(({ name, type }) => ({ name, type })), rows };
  }

  #readRows(kind: JsonKind): void {
    // Written twice, a member means its last value, as with every other reader of JSON.
    this.#columns = new Map();
    this.#rowsCount = 0;
    this.#isFound = true;
    if (this.#wanted.gives === 'row') {
      if (kind === 'null') this.#json.literal();
      else this.#readRow(kind, 'one object');
    } else {
      if (kind !== 'array') throw shapeFault('an array of objects', kind);
      this.#json.elements(() => this.#readRow(this.#json.kind(), 'an array of objects'));
    }
  }

  #readRow(kind: JsonKind, wanted: string): void {
    if (kind !== 'object') throw shapeFault(wanted, kind);
    if (this.#rowsCount >= this.#limits.maxRowsCount)
      throw wrongAnswer(
        `The answer has more than ${this.#limits.maxRowsCount} rows, the limit set by max_rows. Ask for fewer, or raise max_rows.`,
      );
    const row = this.#rowsCount++;
    this.#json.members((name) => this.#columnOf(name).read(this.#json, row));
    this.#checkCells();
  }

  /** Rows that share no names make a table as wide as it is long: what is missing counts as what it will be sent as. */
  #checkCells(): void {
    const bytes = this.#rowsCount * this.#columns.size * MISSING_CELL_BYTES;
    if (bytes > this.#limits.maxBytes) throw tooManyBytes(this.#limits.maxBytes);
  }

  #columnOf(name: string): ColumnCells {
    const known = this.#columns.get(name);
    if (known) return known;
    const cells = new ColumnCells();
    this.#columns.set(name, cells);
    this.#checkCells();
    return cells;
  }
}

/** An answer beyond max_bytes, in the words of every source. */
export function tooManyBytes(maxBytes: number): DashcacheError {
  return wrongAnswer(
    `The answer has more than ${maxBytes} bytes, the limit set by max_bytes. Ask for less, or raise max_bytes.`,
  );
}

function shapeFault(wanted: string, kind: JsonKind): DashcacheError {
  const found =
    kind === 'array' || kind === 'object' ? `an ${kind}` : kind === 'null' ? 'null' : `a ${nameOf(kind)}`;
  return wrongAnswer(`The answer of the data source must hold ${wanted} for this panel, and holds ${found}.`);
}

function nameOf(kind: JsonKind): string {
  if (kind === 'true' || kind === 'false') return 'boolean';
  return kind === 'string' ? 'text' : kind;
}

function wrongAnswer(detail: string): DashcacheError {
  return new DashcacheError('source_wrong_answer', { detail });
}
