/** A node of the parser's tree. */
export type Syntax = { readonly [key: string]: unknown };

export function isSyntax(node: unknown): node is Syntax {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

export function listOf(node: unknown): readonly unknown[] {
  return Array.isArray(node) ? node : [];
}

/** The text of `{ String: { sval } }`; null for anything else. */
export function textOf(node: unknown): string | null {
  const text = isSyntax(node) && isSyntax(node['String']) ? node['String']['sval'] : null;
  return typeof text === 'string' ? text : null;
}

/** The texts in a list of names, e.g. `['public', 'tasks']`. */
export function textsOf(node: unknown): string[] {
  return listOf(node).flatMap((each) => textOf(each) ?? []);
}
