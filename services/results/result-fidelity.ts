/** A value still to be looked at, and where it stands in the result. */
interface Spot {
  readonly value: object;
  readonly path: string;
}

/**
 * What of a value would come back as something else from a structured clone, as a sentence; null when all of it comes
 * back as it is. A clone silently makes plain objects of instances.
 */
export function lostInClone(root: unknown): string | null {
  const seen = new Set<object>();
  const open: Spot[] = [];
  const take = (value: unknown, path: string): string | null => {
    if (typeof value === 'function' || typeof value === 'symbol') return `${path} is a ${typeof value}`;
    if (typeof value !== 'object' || value === null || seen.has(value)) return null;
    seen.add(value);
    open.push({ value, path });
    return null;
  };
  let lost = take(root, 'it');
  for (let spot = open.pop(); spot && lost === null; spot = open.pop()) {
    lost = lostOf(spot);
    for (const [part, path] of lost === null ? partsOf(spot) : []) lost ??= take(part, path);
  }
  return lost;
}

function lostOf({ value, path }: Spot): string | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return `${path} is an object without a prototype`;
  if (!KEPT.has(prototype) && !isTypedArray(value, prototype))
    return `${path} is an instance of ${value.constructor?.name || 'a class'}`;
  if (Object.getOwnPropertySymbols(value).length > 0) return `${path} has a symbol among its keys`;
  return BARE.has(prototype) && Object.keys(value).length > 0 ? `${path} has members of its own` : null;
}

/** Kept without the members that somebody gave them. */
const BARE = new Set<unknown>([Date, Map, Set, ArrayBuffer, DataView].map(({ prototype }) => prototype));
const KEPT = new Set<unknown>([Object.prototype, Array.prototype, Buffer.prototype, ...BARE]);
const TypedArrayPrototype: unknown = Object.getPrototypeOf(Uint8Array.prototype);

/** One of the language itself, not of a subclass. */
function isTypedArray(value: object, prototype: unknown): boolean {
  return ArrayBuffer.isView(value) && Object.getPrototypeOf(prototype) === TypedArrayPrototype;
}

function* partsOf({ value, path }: Spot): Generator<[part: unknown, path: string]> {
  if (ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, held] of value) {
      yield [key, `a key of ${path}`];
      yield [held, `a value of ${path}`];
    }
  } else if (value instanceof Set) {
    for (const held of value) yield [held, `a value of ${path}`];
  } else {
    const isList = Array.isArray(value);
    for (const [name, held] of Object.entries(value))
      yield [held, isList ? `${path}[${name}]` : `${path}.${name}`];
  }
}
