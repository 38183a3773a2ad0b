import { isScalar, type Node, Scalar, type YAMLMap } from 'yaml';
import type { ShapeSchema } from './shape-reader.js';
import type { YamlFile } from './yaml-file.js';

export interface Pair {
  readonly name: string;
  readonly key: Node;
  readonly value: Node | null;
}

export function pairsOf(map: YAMLMap): Pair[] {
  return map.items.flatMap(({ key, value }) =>
    isScalar(key) ? [{ name: String(key.value), key, value: (value ?? null) as Node | null }] : [],
  );
}

/**
 * The pairs of a mapping. In `{ options: SELECT id, name FROM sites }` YAML ends the value at the comma and takes the rest for a
 * key without a value. Nothing else can be meant there, so the SQL is read as it was written.
 */
export function joinedPairs(
  map: YAMLMap,
  schemaOf: (name: string) => ShapeSchema | undefined,
  file: YamlFile,
): Pair[] {
  const pairs = pairsOf(map);
  if (!map.flow) return pairs;
  const joined: Pair[] = [];
  for (const pair of pairs) {
    const last = joined.at(-1);
    const goesOn = last && schemaOf(last.name)?.['x-kind'] === 'sql' && isPlain(last.value) && isBare(pair);
    if (goesOn) joined[joined.length - 1] = { ...last, value: join(last.value, pair.key, file) };
    else joined.push(pair);
  }
  return joined;
}

function isPlain(node: Node | null): node is Scalar {
  return isScalar(node) && node.type === 'PLAIN' && typeof node.value === 'string';
}

/** A key that has neither value nor colon. */
function isBare({ key, value }: Pair): boolean {
  return (
    isPlain(key) && (value === null || (isScalar(value) && value.value === null && value.source !== 'null'))
  );
}

function join(first: Node | null, rest: Node, file: YamlFile): Scalar {
  const start = first?.range?.[0] ?? 0;
  const end = rest.range?.[1] ?? start;
  // Lines fold into spaces, as in any plain value.
  const whole = new Scalar(file.text.slice(start, end).replace(/\s*\n\s*/g, ' '));
  whole.type = 'PLAIN';
  whole.range = [start, end, end];
  return whole;
}
