import type { RequestPart, RequestTemplate, Statement } from './model.js';
import { StatementFault } from './statement-tokens.js';

/** As in SQL: a name has a letter, so 12:30 is a time. */
const PLACEHOLDER = /:(?=[0-9_]*[A-Za-z_])[A-Za-z0-9_]+/;
/** What RFC 3986 lets stand in a segment; in a query also / and ?. */
const SEGMENT_CHAR = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})/;
const QUERY_CHAR = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})/;

/**
 * Reads a path such as `/sales/:region?from=:period_start`. A :name fills a whole segment or a whole value and nothing less,
 * so no value can change what the path means. Throws StatementFault for anything else.
 */
export function parseRequestTemplate(
  text: string,
  answer: Pick<RequestTemplate, 'pointer' | 'gives'>,
): Statement {
  const reader = new TemplateReader(text);
  const { path, query } = reader.read();
  return { ...reader.cut(), text, request: { path, query, ...answer } };
}

/** Whether a server would leave it out of the path, or climb: also when its dots are encoded. */
export function isDotSegment(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment);
}

class TemplateReader {
  readonly #text: string;
  readonly #places: { readonly name: string; readonly offset: number }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): Pick<RequestTemplate, 'path' | 'query'> {
    const text = this.#text;
    if (!text.startsWith('/'))
      throw fault('a path begins with /', {
        offset: 0,
        hint: /^https?:/i.test(text) ? 'the host is the url of the source' : `did you mean "/${text}"?`,
      });
    this.#refuseVariables();
    const end = text.includes('?') ? text.indexOf('?') : text.length;
    return { path: this.#readPath(end), query: end < text.length ? this.#readQuery(end + 1) : [] };
  }

  cut(): Pick<Statement, 'segments' | 'names'> {
    let from = 0;
    const segments = this.#places.map(({ name, offset }) => {
      const segment = this.#text.slice(from, offset);
      from = offset + name.length + 1;
      return segment;
    });
    return { segments: [...segments, this.#text.slice(from)], names: this.#places.map(({ name }) => name) };
  }

  #readPath(end: number): RequestPart[] {
    const segments = pieces(this.#text.slice(1, end), '/', 1);
    return segments.map(({ text, offset }, index) => {
      if (text === '' && index < segments.length - 1)
        throw fault('a segment of this path is empty', { offset: offset - 1, lengthCount: 2 });
      if (isDotSegment(text))
        throw fault(`${text} would leave the path`, { offset, lengthCount: text.length });
      return this.#part(text, offset, { chars: SEGMENT_CHAR, whole: 'segment' });
    });
  }

  #readQuery(start: number): RequestTemplate['query'] {
    return pieces(this.#text.slice(start), '&', start).map(({ text, offset }) => {
      const equals = text.indexOf('=');
      const name = equals < 0 ? text : text.slice(0, equals);
      if (name === '') throw fault('a part of this query has no name', { offset: Math.max(0, offset - 1) });
      const placeholder = PLACEHOLDER.exec(name);
      if (placeholder)
        throw fault(`${placeholder[0]} stands where a name is: parameters fill values`, {
          offset: offset + placeholder.index,
          lengthCount: placeholder[0].length,
          hint: `write ${placeholder[0].slice(1)}=${placeholder[0]}`,
        });
      this.#part(name, offset, { chars: QUERY_CHAR, whole: 'value' });
      if (equals < 0) return { name, value: null };
      const value = text.slice(equals + 1);
      return { name, value: this.#part(value, offset + equals + 1, { chars: QUERY_CHAR, whole: 'value' }) };
    });
  }

  #part(text: string, offset: number, { chars, whole }: { chars: RegExp; whole: string }): RequestPart {
    const placeholder = PLACEHOLDER.exec(text);
    if (placeholder && placeholder[0] === text) {
      const name = text.slice(1);
      this.#places.push({ name, offset });
      return { bind: name };
    }
    if (placeholder)
      throw fault(`${placeholder[0]} must fill a whole ${whole}`, {
        offset: offset + placeholder.index,
        lengthCount: placeholder[0].length,
        hint: 'nothing can stand beside it; a colon that is meant is written %3A',
      });
    let at = 0;
    while (at < text.length) {
      const char = chars.exec(text.slice(at, at + 3))?.[0];
      if (char === undefined) throw badChar(text, at, offset);
      at += char.length;
    }
    return { text };
  }

  #refuseVariables(): void {
    const variable = /\$\{[^}]*\}?/.exec(this.#text);
    if (variable)
      throw fault(`${variable[0]} is not filled in inside a path`, {
        offset: variable.index,
        lengthCount: variable[0].length,
        hint: 'put it into the url of the source, or declare a parameter and write :name',
      });
  }
}

function badChar(text: string, at: number, offset: number): StatementFault {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const shown = JSON.stringify(char);
  if (char === '#') return fault('a path has no fragment', { offset: offset + at, hint: 'leave out #' });
  if (char === '%')
    return fault('% must be followed by two hexadecimal digits', {
      offset: offset + at,
      hint: 'a % that is meant is written %25',
    });
  return fault(`${shown} cannot stand in an address as it is`, {
    offset: offset + at,
    lengthCount: char.length,
    hint: /\p{Surrogate}/u.test(char) ? undefined : `write ${percentEncoded(char)}`,
  });
}

function percentEncoded(char: string): string {
  return [...Buffer.from(char)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function pieces(text: string, separator: string, start: number): { text: string; offset: number }[] {
  let offset = start;
  return text.split(separator).map((piece) => {
    const at = offset;
    offset += piece.length + separator.length;
    return { text: piece, offset: at };
  });
}

function fault(
  message: string,
  { offset, lengthCount = 1, hint }: { offset: number; lengthCount?: number; hint?: string | undefined },
): StatementFault {
  return new StatementFault(message, { offset, lengthCount, ...(hint !== undefined && { hint }) });
}
