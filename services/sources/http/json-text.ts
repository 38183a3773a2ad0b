/** The text is no JSON, or of a kind that is not read. The message says where, and holds nothing of the text. */
export class JsonFault extends Error {
  constructor(message: string, offset: number) {
    super(`${message} at character ${offset}`);
    this.name = 'JsonFault';
  }
}

/** Dashboards need few levels; a deep answer is a mistake, or wants to overflow the stack. */
const MAX_DEPTH_COUNT = 64;
/** A double has at most some 800 digits, a 128-bit integer 39: longer ones only cost time. */
const MAX_NUMBER_CHARS_COUNT = 1000;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/**
 * Reads JSON (RFC 8259) value by value, in the order of the text. JSON.parse would round big integers and decimals, build
 * objects that nobody needs, and go as deep as the text does; here a number is its text, and what is skipped is only checked.
 */
export class JsonText {
  offset = 0;
  readonly text: string;
  #depthCount = 0;
  /** Where they stand in the value that is being read as JSON. */
  #bigIntegers: [start: number, end: number][] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** What comes next. */
  kind(): JsonKind {
    this.#skipSpace();
    const char = this.text[this.offset] ?? '';
    if (char === '{') return 'object';
    if (char === '[') return 'array';
    if (char === '"') return 'string';
    if (char === '-' || (char >= '0' && char <= '9')) return 'number';
    const literal = LITERALS[char];
    if (literal !== undefined && this.text.startsWith(literal, this.offset)) return literal as JsonKind;
    throw this.#fault(this.offset >= this.text.length ? 'it ends too early' : 'a value is missing');
  }

  /** The text of one number as it is written. */
  number(): string {
    const start = this.offset;
    while (isNumberChar(this.text.charCodeAt(this.offset))) this.offset++;
    const text = this.text.slice(start, this.offset);
    if (text.length > MAX_NUMBER_CHARS_COUNT) throw new JsonFault('a number is too long', start);
    if (!NUMBER.test(text)) throw new JsonFault('a number is not written as one', start);
    return text;
  }

  /** One text, decoded. */
  string(): string {
    const start = this.offset;
    const isPlain = this.#skipString();
    const written = this.text.slice(start, this.offset);
    if (isPlain) return written.slice(1, -1);
    try {
      return JSON.parse(written) as string;
    } catch {
      throw new JsonFault('an escape means nothing', start);
    }
  }

  literal(): void {
    this.offset += this.kind().length;
  }

  /** Calls `read` for each member of an object, with its name; it must read or skip the value. */
  members(read: (name: string) => void): void {
    this.#nested('{', '}', () => {
      this.#skipSpace();
      if (this.text[this.offset] !== '"') throw this.#fault('the name of a member is missing');
      const name = this.string();
      this.#skipSpace();
      if (this.text[this.offset] !== ':') throw this.#fault('a colon is missing');
      this.offset++;
      read(name);
    });
  }

  /** Calls `read` for each element of an array; it must read or skip the value. */
  elements(read: (index: number) => void): void {
    let index = 0;
    this.#nested('[', ']', () => read(index++));
  }

  /** Checks one value, whatever it is. */
  skip(): void {
    const kind = this.kind();
    if (kind === 'object') this.members(this.#skipMember);
    else if (kind === 'array') this.elements(this.#skipMember);
    else if (kind === 'string') this.string();
    else if (kind === 'number') this.#skipNumber();
    else this.literal();
  }

  /** One value as JSON text that every reader reads alike: integers beyond 2^53 become texts. */
  json(): string {
    this.kind();
    let from = this.offset;
    this.#bigIntegers = [];
    this.skip();
    let json = '';
    for (const [start, end] of this.#bigIntegers) {
      json += `${this.text.slice(from, start)}"${this.text.slice(start, end)}"`;
      from = end;
    }
    this.#bigIntegers = null;
    return json + this.text.slice(from, this.offset);
  }

  /** Throws unless nothing but white space is left. */
  end(): void {
    this.#skipSpace();
    if (this.offset < this.text.length) throw this.#fault('something follows the end');
  }

  #skipNumber(): void {
    const start = this.offset;
    const text = this.number();
    if (/^-?[0-9]{16,}$/.test(text) && !Number.isSafeInteger(Number(text)))
      this.#bigIntegers?.push([start, this.offset]);
  }

  readonly #skipMember = (): void => {
    this.skip();
  };

  #nested(open: string, close: string, readOne: () => void): void {
    if (this.text[this.offset] !== open) throw this.#fault(`${open} is missing`);
    if (++this.#depthCount > MAX_DEPTH_COUNT)
      throw this.#fault(`it is nested deeper than ${MAX_DEPTH_COUNT} levels`);
    this.offset++;
    this.#skipSpace();
    if (this.text[this.offset] !== close) {
      for (;;) {
        readOne();
        this.#skipSpace();
        if (this.text[this.offset] !== ',') break;
        this.offset++;
      }
    }
    if (this.text[this.offset] !== close) throw this.#fault(`${close} is missing`);
    this.offset++;
    this.#depthCount--;
  }

  /** Moves behind the closing quote; whether the text has no escapes. */
  #skipString(): boolean {
    let isPlain = true;
    for (this.offset++; ; this.offset++) {
      const code = this.text.charCodeAt(this.offset);
      if (code === 0x22) break;
      if (code === 0x5c) {
        isPlain = false;
        this.offset++;
      } else if (code < 0x20 || Number.isNaN(code)) throw this.#fault('a text is not closed');
    }
    this.offset++;
    return isPlain;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.offset++;
    }
  }

  #fault(message: string): JsonFault {
    return new JsonFault(message, this.offset);
  }
}

/** 0 to 9, + - . E e */
function isNumberChar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x45 ||
    code === 0x65
  );
}
