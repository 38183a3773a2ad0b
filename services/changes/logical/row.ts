import type { KnownTexts } from './known-texts.js';

/** How a value is sent: NULL, not at all because it did not change, else its length and its bytes. */
const NULL = 0x6e;
const UNCHANGED = 0x75;

/** A row where it stands in its message: only the value that is asked for is read. */
export class Row {
  readonly #bytes: Buffer;
  readonly #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Of one column: null for NULL, undefined where it was not sent because it did not change. */
  text(column: number, texts: KnownTexts): string | null | undefined {
    const bytes = this.#bytes;
    if (column >= bytes.readUInt16BE(this.#at))
      throw new RangeError('a row with fewer values than its table');
    const at = this.#past(column);
    const mark = bytes.readUInt8(at);
    if (mark === NULL) return null;
    if (mark === UNCHANGED) return undefined;
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) throw new RangeError('a value beyond the end of its message');
    return texts.read(bytes, at + 5, end);
  }

  /** Where the next thing in the message begins. */
  end(): number {
    return this.#past(this.#bytes.readUInt16BE(this.#at));
  }

  /** Where the value behind the first so many begins. */
  #past(valuesCount: number): number {
    let at = this.#at + 2;
    for (let value = 0; value < valuesCount; value++) {
      const mark = this.#bytes.readUInt8(at);
      at += mark === NULL || mark === UNCHANGED ? 1 : 5 + this.#bytes.readUInt32BE(at + 1);
    }
    return at;
  }
}
