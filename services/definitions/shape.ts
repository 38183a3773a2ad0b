import type { TSchema } from '@sinclair/typebox';
import type { Node } from 'yaml';
import type { DefinitionFault } from './definition-faults.js';
import { ShapeReader } from './shape-reader.js';
import type { Environment } from './substitute.js';
import type { Spot, YamlFile } from './yaml-file.js';

/** A value of which any part may be missing, because a fault has already been reported there. */
export type Partly<T> = T extends readonly (infer Item)[]
  ? readonly Partly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partly<T[Key]> | undefined }
    : T;

export type Path = readonly (string | number)[];

/** The nodes that a value was read from, by path. */
export interface ReadNodes {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** A file held against its schema: the value, and where each part of it was said. */
export class Shape<T> {
  readonly file: YamlFile;
  readonly value: Partly<T>;
  readonly #nodes: ReadonlyMap<string, ReadNodes>;
  readonly #keys = new Map<string, readonly string[]>();

  constructor(file: YamlFile, value: Partly<T>, nodes: ReadonlyMap<string, ReadNodes>) {
    this.file = file;
    this.value = value;
    this.#nodes = nodes;
    for (const key of nodes.keys()) {
      const path = JSON.parse(key) as (string | number)[];
      const last = path.pop();
      if (typeof last === 'string') this.#keys.set(pathKey(path), [...this.keys(...path), last]);
    }
  }

  /** Whether something stands there, right or wrong: what is wrong has its fault already. */
  has(...path: Path): boolean {
    return this.#nodes.has(pathKey(path));
  }

  /** The keys that stand in a mapping, right or wrong. */
  keys(...path: Path): readonly string[] {
    return this.#keys.get(pathKey(path)) ?? [];
  }

  /** Where the value was said; the nearest part above it when it was not. */
  valueSpot(...path: Path): Spot {
    const nodes = this.#nearest(path);
    const node = nodes?.value ?? nodes?.key;
    return node ? this.file.spotOf(node) : this.file.spot(0);
  }

  /** Where the key stands; for elements of a list, and where there is none, the value. */
  keySpot(...path: Path): Spot {
    const nodes = this.#nearest(path);
    const node = nodes?.key ?? nodes?.value;
    return node ? this.file.spotOf(node) : this.file.spot(0);
  }

  valueNode(...path: Path): Node | null {
    return this.#nodes.get(pathKey(path))?.value ?? null;
  }

  #nearest(path: Path): ReadNodes | undefined {
    for (let length = path.length; length > 0; length--) {
      const nodes = this.#nodes.get(pathKey(path.slice(0, length)));
      if (nodes) return nodes;
    }
    return this.#nodes.get(pathKey([]));
  }
}

/** Holds a file against a schema; `faults` are all that YAML or the schema find wrong with it. */
export function readShape<T extends TSchema>(
  file: YamlFile,
  schema: T,
  environment: Environment,
): { shape: Shape<T['static']>; faults: readonly DefinitionFault[] } {
  const reader = new ShapeReader(file, environment);
  const value = reader.readRoot(schema) as Partly<T['static']>;
  return { shape: new Shape(file, value, reader.nodes), faults: [...file.faults, ...reader.faults] };
}

export function pathKey(path: Path): string {
  return JSON.stringify(path);
}
