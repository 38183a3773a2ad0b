/** A power of two; most tables are written by fewer tenants at a time. */
const SLOTS_COUNT = 256;
/** Of a uuid; what is longer is rarely a tenant. */
const KNOWN_MAX_LENGTH = 36;

/** Texts that come again and again, row after row: each is made of its bytes once, as long as it is not displaced. */
export class KnownTexts {
  readonly #slots: string[] = new Array(SLOTS_COUNT).fill('');

  read(bytes: Buffer, from: number, end: number): string {
    const slot = slotOf(bytes, from, end);
    if (slot === null) return bytes.toString('utf8', from, end);
    const known = this.#slots[slot];
    if (known !== undefined && isText(known, bytes, from, end)) return known;
    const text = bytes.toString('latin1', from, end);
    this.#slots[slot] = text;
    return text;
  }
}

/** Null where a character may take more than one byte: only ASCII can be compared byte by byte. */
function slotOf(bytes: Buffer, from: number, end: number): number | null {
  if (end - from > KNOWN_MAX_LENGTH) return null;
  let hash = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return null;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash & (SLOTS_COUNT - 1);
}

function isText(text: string, bytes: Buffer, from: number, end: number): boolean {
  if (text.length !== end - from) return false;
  for (let at = from; at < end; at++) if (text.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
}
