import { operandsOf } from '../existence.js';
import type { SyntaxNode } from '../syntax.js';

/** The argument of a call; 'none' without one; null where it is not one object that is written out. */
export function onlyArgument(call: SyntaxNode): SyntaxNode | 'none' | null {
  const given = argumentsOf(call);
  if (!given) return null;
  const [only, ...others] = given;
  if (!only) return 'none';
  return others.length === 0 && only.is('object') ? only : null;
}

/** Null where it is called with a template. */
export function argumentsOf(call: SyntaxNode): SyntaxNode[] | null {
  const given = call.field('arguments');
  if (!given?.is('arguments')) return null;
  return operandsOf(given);
}

/** The keys of an object literal; null where not all of them are written out. */
export function keysOf(object: SyntaxNode): ReadonlySet<string> | null {
  const keys = new Set<string>();
  for (const property of operandsOf(object)) {
    const key = property.is('shorthand_property_identifier')
      ? property
      : (property.field('key') ?? property.field('name'));
    if (!key || !/^(shorthand_property_identifier|property_identifier|string)$/.test(String(key.kind())))
      return null;
    keys.add(key.text().replace(/^(['"])(.*)\1$/, '$2'));
  }
  return keys;
}
