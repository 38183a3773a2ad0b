import { deserialize, serialize } from 'node:v8';
import type { KeyPart } from '../cache/key.js';

const DEEPEST_LEVEL = 100;

/** Where in a call a value stands, for messages. */
interface Place {
  readonly functionName: string;
  readonly path: string;
  readonly ancestors: readonly object[];
}

/**
 * The key of a call by all its arguments. Every type is written beside its value, so 1 is not '1'; members of objects
 * count in any order; undefined at the end is as if left out, as it is for default parameters. Throws a TypeError for
 * what cannot be told apart by its content.
 */
export function argumentsKey(args: readonly unknown[], functionName: string): KeyPart[] {
  const count = args.findLastIndex((arg) => arg !== undefined) + 1;
  return args
    .slice(0, count)
    .map((arg, i) => partOf(arg, { functionName, path: `args[${i}]`, ancestors: [] }));
}

/**
 * The arguments as they are now. A run may begin after the call has returned, and must not see what the caller changes
 * then: its result would stand under another key. For arguments that have a key only.
 */
export function keptArguments<Args extends readonly unknown[]>(args: Args): Args {
  const hasObjects = args.some((arg) => typeof arg === 'object' && arg !== null);
  return hasObjects ? deserialize(serialize(args)) : args;
}

/** What the option `key` gave, checked. */
export function checkedKey(given: unknown, functionName: string): KeyPart {
  if (isKeyPart(given)) return given;
  throw new TypeError(`"key" of ${functionName} must give text, null or nested lists of them`);
}

function isKeyPart(given: unknown): given is KeyPart {
  if (Array.isArray(given)) return given.every(isKeyPart);
  return given === null || typeof given === 'string';
}

function partOf(value: unknown, place: Place): KeyPart {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return ['undefined'];
    case 'number':
      // String(-0) is 0, and a function can tell them apart.
      return ['number', Object.is(value, -0) ? '-0' : String(value)];
    case 'boolean':
    case 'bigint':
      return [typeof value, String(value)];
    case 'object':
      return value === null ? null : partOfObject(value, place);
    default:
      throw refusal(place, `is a ${typeof value}`);
  }
}

function partOfObject(value: object, place: Place): KeyPart {
  if (place.ancestors.includes(value)) throw refusal(place, 'contains itself');
  if (place.ancestors.length === DEEPEST_LEVEL)
    throw refusal(place, `is nested deeper than ${DEEPEST_LEVEL} levels`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw refusal(place, 'has a symbol among its keys');
  const prototype: unknown = Object.getPrototypeOf(value);
  const within = { ...place, ancestors: [...place.ancestors, value] };
  if (Array.isArray(value) && prototype === Array.prototype) return partOfArray(value, within);
  if (prototype === Object.prototype || prototype === null) return partOfMembers(value, within);
  if (value instanceof Date && prototype === Date.prototype && Object.keys(value).length === 0)
    return ['date', String(value.getTime())];
  throw refusal(place, `is an instance of ${value.constructor?.name || 'a class'}`);
}

function partOfArray(list: readonly unknown[], place: Place): KeyPart {
  const items = Array.from({ length: list.length }, (_, i): KeyPart => {
    // A hole is not undefined: forEach and its like leave it out.
    return i in list ? partOf(list[i], { ...place, path: `${place.path}[${i}]` }) : ['hole'];
  });
  const itemsCount = items.filter((_, i) => i in list).length;
  if (Object.keys(list).length > itemsCount)
    throw refusal(place, 'is an array with members beside its items');
  return ['array', ...items];
}

function partOfMembers(object: object, place: Place): KeyPart {
  const members = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    'object',
    ...members.flatMap(([name, value]) => [name, partOf(value, { ...place, path: `${place.path}.${name}` })]),
  ];
}

function refusal({ functionName, path }: Place, what: string): TypeError {
  return new TypeError(
    `${path} of ${functionName} ${what}, which makes no key: give cacheResult a "key" that makes text of the arguments`,
  );
}
