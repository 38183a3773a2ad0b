import { isScalar, type Node, type Scalar } from 'yaml';
import type { Place, Statement } from './model.js';
import { scalarOffsets } from './scalar-offsets.js';
import type { Spot, YamlFile } from './yaml-file.js';

/** Where parts of the model were said, for faults that are found after loading. The model itself stays plain data. */
const spots = new WeakMap<object, () => Spot>();
const statementSpots = new WeakMap<Statement, (offset: number, widthCount: number) => Spot>();

export function rememberSpot(part: object, spot: () => Spot): void {
  spots.set(part, spot);
}

/** Where a part of the model was said; null when it did not come from a file. */
export function spotOfPart(part: object): Spot | null {
  return spots.get(part)?.() ?? null;
}

export function rememberStatement(statement: Statement, file: YamlFile, node: Node): void {
  statementSpots.set(statement, (offset, widthCount) =>
    statementTextSpot({ file, node }, offset, widthCount),
  );
}

/** Where an offset in Statement.text stands in its file, through block, folded and quoted YAML; null for other statements. */
export function placeInStatement(statement: Statement, offset: number): Place | null {
  return spotInStatement(statement, offset)?.place ?? null;
}

export function spotInStatement(statement: Statement, offset: number, widthCount = 1): Spot | null {
  return statementSpots.get(statement)?.(offset, widthCount) ?? null;
}

/** The same for a text that is no statement yet, because something is wrong with it. */
export function statementTextSpot(
  origin: { file: YamlFile; node: Node },
  offset: number,
  widthCount: number,
): Spot {
  const { file, node } = origin;
  if (!isScalar(node)) return file.spotOf(node);
  const [startOffset, endOffset] = node.range ?? [0, 0];
  const value = String(node.value);
  const offsets = scalarOffsets(value, node.type as Scalar.Type | undefined, {
    text: file.text,
    startOffset,
    endOffset,
  });
  const index = Math.max(0, Math.min(offset, value.length));
  return file.spot(offsets[index] ?? startOffset, widthCount);
}
