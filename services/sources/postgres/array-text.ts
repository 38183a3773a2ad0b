/** Nothing but an array begins so; bounds other than 1 stand before it, as in `[0:1]={7,8}`. */
const BOUNDS = /^(?:\[-?\d+:-?\d+\])+=/;

/**
 * JSON text of an array as PostgreSQL writes it, with the JSON of each element by `element`. Bounds are not told: JSON has
 * none. Throws for text that is no array.
 */
export function arrayJson(
  text: string,
  { delimiter, element }: { delimiter: string; element: (text: string) => string },
): string {
  const body = text.replace(BOUNDS, '');
  let offset = 0;
  const json = readArray();
  if (offset < body.length) throw new Error('Something follows the end of an array');
  return json;

  function readArray(): string {
    offset++;
    const items: string[] = [];
    while (body[offset] !== '}') {
      if (offset >= body.length) throw new Error('An array does not end');
      items.push(readItem());
      if (body[offset] === delimiter) offset++;
    }
    offset++;
    return `[${items.join(',')}]`;
  }

  function readItem(): string {
    if (body[offset] === '{') return readArray();
    if (body[offset] === '"') return element(readQuoted());
    const start = offset;
    while (offset < body.length && body[offset] !== delimiter && body[offset] !== '}') offset++;
    const item = body.slice(start, offset);
    return item === 'NULL' ? 'null' : element(item);
  }

  function readQuoted(): string {
    let item = '';
    for (offset++; body[offset] !== '"'; offset++) {
      if (offset >= body.length) throw new Error('An element of an array does not end');
      if (body[offset] === '\\') offset++;
      item += body[offset] ?? '';
    }
    offset++;
    return item;
  }
}
