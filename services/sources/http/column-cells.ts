import { jsonText } from '../../content/json-value.js';
import type { Cell, ColumnType } from '../source.js';
import type { JsonKind, JsonText } from './json-text.js';

/** A number or something nested, as it is written. */
class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Seen = 'integer' | 'fraction' | 'exponent' | 'boolean' | 'text' | 'nested';

/** One column as it is read: in JSON each cell has a type of its own, the column gets the one that fits all of them. */
export class ColumnCells {
  /** By row; a row without this cell has none here. */
  readonly #cells: (string | boolean | null | Written)[] = [];
  readonly #seen = new Set<Seen>();

  /** Reads the next value of the answer as the cell of a row. */
  read(json: JsonText, row: number): void {
    this.#cells[row] = this.#next(json, json.kind());
  }

  /**
   * integer: all are whole numbers, exact at any size. decimal: numbers with their digits as written. float: some number has an
   * exponent, as only doubles are written. json: something nested, or things of several types. A column of nulls is text.
   */
  typed(): { type: ColumnType; cells: readonly (Cell | undefined)[] } {
    const type = typeOf(this.#seen);
    const convert = CONVERSIONS[type];
    return { type, cells: this.#cells.map((cell) => (cell === null ? null : convert(cell))) };
  }

  #next(json: JsonText, kind: JsonKind): string | boolean | null | Written {
    if (kind === 'null') {
      json.literal();
      return null;
    }
    if (kind === 'true' || kind === 'false') {
      json.literal();
      this.#seen.add('boolean');
      return kind === 'true';
    }
    if (kind === 'string') {
      this.#seen.add('text');
      return json.string();
    }
    if (kind !== 'number') {
      this.#seen.add('nested');
      return new Written(json.json());
    }
    const written = json.number();
    this.#seen.add(numberKind(written));
    return new Written(written);
  }
}

function numberKind(written: string): Seen {
  if (/[eE]/.test(written)) return 'exponent';
  return written.includes('.') ? 'fraction' : 'integer';
}

function typeOf(seen: ReadonlySet<Seen>): 'integer' | 'decimal' | 'float' | 'boolean' | 'text' | 'json' {
  const isOnly = (...kinds: readonly Seen[]) => [...seen].every((kind) => kinds.includes(kind));
  if (isOnly('text')) return 'text';
  if (isOnly('boolean')) return 'boolean';
  if (isOnly('integer')) return 'integer';
  if (isOnly('integer', 'fraction')) return 'decimal';
  return isOnly('integer', 'fraction', 'exponent') ? 'float' : 'json';
}

type Conversion = (cell: string | boolean | Written) => Cell;

const CONVERSIONS: Readonly<Record<ReturnType<typeof typeOf>, Conversion>> = {
  integer: (cell) => wholeNumber(textOf(cell)),
  decimal: textOf,
  float: (cell) => Number(textOf(cell)),
  boolean: (cell) => cell === true,
  text: textOf,
  json: (cell) => (typeof cell === 'string' ? jsonText(cell) : jsonOf(textOf(cell))),
};

function textOf(cell: string | boolean | Written): string {
  return cell instanceof Written ? cell.text : String(cell);
}

function jsonOf(text: string): string {
  return /^-?[0-9]+$/.test(text) && typeof wholeNumber(text) === 'bigint' ? jsonText(text) : text;
}

function wholeNumber(text: string): number | bigint {
  // -0 and 0 are one number.
  const number = Number(text) + 0;
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
