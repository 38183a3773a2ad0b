import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { DefinitionFault } from './definition-faults.js';
import { NAME_PATTERN } from './schema-parts.js';
import type { Path, ReadNodes } from './shape.js';
import { readScalar } from './shape-scalar.js';
import type { Environment } from './substitute.js';
import { suggest } from './suggest.js';
import type { Spot, YamlFile } from './yaml-file.js';
import { joinedPairs, type Pair, pairsOf } from './yaml-pairs.js';

/** The part of JSON Schema that our schemas use. */
export interface ShapeSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ShapeSchema;
  readonly properties?: Readonly<Record<string, ShapeSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, ShapeSchema>>;
  readonly anyOf?: readonly ShapeSchema[];
  readonly 'x-kind'?: string;
  readonly 'x-choose-by'?: string;
  readonly 'x-unsupported'?: boolean;
  readonly 'x-refused'?: string;
}

/** Aliases that one file may use: each may stand for a whole tree, so without a bound a few lines become millions. */
const MAX_ALIASES_COUNT = 100;

/** Walks the nodes of a file beside a schema, and goes on after every fault so that all are found at once. */
export class ShapeReader {
  readonly faults: DefinitionFault[] = [];
  readonly nodes = new Map<string, ReadNodes>();
  readonly #file: YamlFile;
  readonly #environment: Environment;
  #aliasesCount = 0;

  constructor(file: YamlFile, environment: Environment) {
    this.#file = file;
    this.#environment = environment;
  }

  readRoot(schema: ShapeSchema): unknown {
    const node = this.#file.document.contents;
    this.nodes.set(JSON.stringify([]), { key: null, value: node });
    if (!this.#file.isReadable) return undefined;
    if (node === null) {
      this.#fault(this.#file.spot(0), 'this file is empty');
      return undefined;
    }
    return this.#read(node, schema, []);
  }

  #read(given: Node, schema: ShapeSchema, path: Path): unknown {
    const node = this.#resolve(given);
    if (!node) return undefined;
    if (schema['x-unsupported'] || schema['x-refused'] !== undefined) return this.#refuse(schema, path);
    if (schema['x-choose-by'] !== undefined) return this.#readChosen(node, schema, path);
    if (schema.patternProperties) return this.#readRecord(node, schema, path);
    if (schema.properties) return this.#readObject(node, schema, path);
    if (schema.items) return this.#readList(node, schema, path);
    const spot = this.#file.spotOf(given);
    return readScalar(node, schema, {
      label: label(path),
      environment: this.#environment,
      file: this.#file,
      fault: (message, hint, at) => this.#fault(at ?? spot, message, hint),
    });
  }

  #resolve(node: Node): Node | undefined {
    if (!isAlias(node)) return node;
    this.#aliasesCount++;
    if (this.#aliasesCount > MAX_ALIASES_COUNT) {
      if (this.#aliasesCount === MAX_ALIASES_COUNT + 1)
        this.#fault(this.#file.spotOf(node), `this file uses more than ${MAX_ALIASES_COUNT} aliases`);
      return undefined;
    }
    const meant = this.#file.resolve(node);
    if (!meant)
      this.#fault(
        this.#file.spotOf(node),
        `*${node.source} stands for nothing: there is no &${node.source} before it`,
      );
    return meant;
  }

  #refuse(schema: ShapeSchema, path: Path): undefined {
    const spot = this.#keySpot(path);
    if (schema['x-refused'] !== undefined) this.#fault(spot, schema['x-refused']);
    else this.#fault(spot, `${label(path)} is not supported by this version`, 'leave it out');
    return undefined;
  }

  #readChosen(node: Node, schema: ShapeSchema, path: Path): unknown {
    const by = schema['x-choose-by'] ?? '';
    if (!this.#expectMap(node, path)) return undefined;
    const variants = schema.anyOf ?? [];
    const nameOf = (variant: ShapeSchema) => variant.properties?.[by]?.enum?.[0] ?? '';
    const supported = variants.filter((variant) => !variant['x-unsupported']).map(nameOf);
    const pair = pairsOf(node).find(({ name }) => name === by);
    if (!pair) {
      this.#fault(this.#keySpot(path), `${label(path)} lacks "${by}"`, `one of ${supported.join(', ')}`);
      return undefined;
    }
    const value = pair.value && this.#resolve(pair.value);
    const said = value && isScalar(value) ? String(value.value) : '';
    const spot = this.#file.spotOf(pair.value ?? pair.key);
    const variant = variants.find((candidate) => nameOf(candidate) === said);
    if (variant?.['x-unsupported']) {
      this.#fault(
        spot,
        `the type ${said} is not supported by this version`,
        `supported: ${supported.join(', ')}`,
      );
      return undefined;
    }
    if (variant) return this.#readObject(node, variant, path);
    const near = suggest(said, supported);
    this.#fault(
      spot,
      said === '' ? `"${by}" must be a text` : `unknown type "${said}"`,
      near === null ? `one of ${supported.join(', ')}` : `did you mean "${near}"?`,
    );
    // What was meant is plain enough to look for more faults in it.
    const meant = variants.find((candidate) => near !== null && nameOf(candidate) === near);
    return meant ? this.#readObject(node, meant, path, { [by]: near }) : undefined;
  }

  #readObject(node: Node, schema: ShapeSchema, path: Path, known: Record<string, unknown> = {}): unknown {
    if (!this.#expectMap(node, path)) return undefined;
    const properties = schema.properties ?? {};
    const pairs = joinedPairs(node, (name) => properties[name], this.#file);
    const written = new Set(pairs.map(({ name }) => name));
    const result: Record<string, unknown> = { ...known };
    for (const { name, key, value } of pairs) {
      if (Object.hasOwn(known, name)) continue;
      const meant = Object.hasOwn(properties, name) ? name : this.#unknownKey(name, key, properties);
      // A misspelt key is read as what it was meant to be, so that one slip is one fault.
      if (meant === null || (meant !== name && written.has(meant))) continue;
      written.add(meant);
      const property = properties[meant];
      if (property) this.#readPair(result, { name: meant, key, value }, property, path);
    }
    for (const name of schema.required ?? []) if (!written.has(name)) this.#missing(name, schema, path);
    return result;
  }

  #readRecord(node: Node, schema: ShapeSchema, path: Path): unknown {
    if (!this.#expectMap(node, path)) return undefined;
    const [pattern, valueSchema] = Object.entries(schema.patternProperties ?? {})[0] ?? [];
    if (pattern === undefined || !valueSchema) return undefined;
    const result: Record<string, unknown> = {};
    for (const pair of joinedPairs(node, () => valueSchema, this.#file)) {
      if (!new RegExp(pattern, 'u').test(pair.name)) this.#badName(pair, pattern);
      this.#readPair(result, pair, valueSchema, path);
    }
    return result;
  }

  #readPair(result: Record<string, unknown>, pair: Pair, schema: ShapeSchema, parent: Path): void {
    const path = [...parent, pair.name];
    this.nodes.set(JSON.stringify(path), { key: pair.key, value: pair.value });
    if (pair.value === null || (isScalar(pair.value) && pair.value.value === null)) {
      if (schema['x-unsupported'] || schema['x-refused'] !== undefined) this.#refuse(schema, path);
      else this.#fault(this.#file.spotOf(pair.key), `${label(path)} has no value`, firstSentence(schema));
      return;
    }
    const value = this.#read(pair.value, schema, path);
    // defineProperty: a key named __proto__ is a key like any other.
    if (value !== undefined)
      Object.defineProperty(result, pair.name, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }

  #readList(node: Node, schema: ShapeSchema, path: Path): unknown {
    if (!isSeq(node)) {
      this.#fault(this.#valueSpot(path, node), `${label(path)} must be a list`, 'write [first, second]');
      return undefined;
    }
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema;
    if (node.items.length < minItems) this.#fault(this.#keySpot(path), `${label(path)} is an empty list`);
    if (node.items.length > maxItems)
      this.#fault(
        this.#keySpot(path),
        `${label(path)} has ${node.items.length} elements, at most ${maxItems} are accepted`,
      );
    return node.items.slice(0, maxItems).flatMap((item, index) => {
      const itemPath = [...path, index];
      this.nodes.set(JSON.stringify(itemPath), { key: null, value: item as Node });
      const value = this.#read(item as Node, items, itemPath);
      return value === undefined ? [] : [value];
    });
  }

  #expectMap(node: Node, path: Path): node is YAMLMap {
    if (isMap(node)) return true;
    this.#fault(
      this.#valueSpot(path, node),
      `${label(path)} must hold keys and values`,
      'write `key: value` lines below it',
    );
    return false;
  }

  #unknownKey(name: string, key: Node, properties: Readonly<Record<string, ShapeSchema>>): string | null {
    const names = Object.keys(properties);
    const near = suggest(name, names);
    const known = names.filter(
      (each) => !properties[each]?.['x-unsupported'] && properties[each]?.['x-refused'] === undefined,
    );
    const hint = near === null ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
    this.#fault(this.#file.spotOf(key), `unknown key "${name}"`, hint);
    return near;
  }

  #badName({ name, key }: Pair, pattern: string): void {
    if (pattern !== NAME_PATTERN) {
      this.#fault(this.#file.spotOf(key), `${JSON.stringify(name)} cannot be a name here`);
      return;
    }
    const near = name
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .slice(0, 64);
    this.#fault(
      this.#file.spotOf(key),
      `${JSON.stringify(name)} is not a name: names have 1 to 64 characters of a-z, 0-9 and _`,
      /[a-z0-9]/.test(near) ? `did you mean "${near}"?` : undefined,
    );
  }

  #missing(name: string, schema: ShapeSchema, path: Path): void {
    this.#fault(
      this.#keySpot(path),
      `${label(path)} lacks "${name}"`,
      firstSentence(schema.properties?.[name]),
    );
  }

  #keySpot(path: Path): Spot {
    const nodes = this.nodes.get(JSON.stringify(path));
    const node = nodes?.key ?? nodes?.value;
    if (!node || path.length === 0) return this.#file.spot(node?.range?.[0] ?? 0);
    return this.#file.spotOf(node);
  }

  #valueSpot(path: Path, node: Node): Spot {
    return this.#file.spotOf(this.nodes.get(JSON.stringify(path))?.value ?? node);
  }

  #fault(spot: Spot, message: string, hint?: string): void {
    this.faults.push(hint === undefined ? { ...spot, message } : { ...spot, message, hint });
  }
}

function label(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'this file';
  return typeof last === 'number' ? `an element of "${path.at(-2)}"` : `"${last}"`;
}

function firstSentence(schema: ShapeSchema | undefined): string | undefined {
  const sentence = /^[^\n]*?\.(?=\s|$)/.exec(schema?.description ?? '')?.[0];
  return sentence === undefined ? undefined : sentence.charAt(0).toLowerCase() + sentence.slice(1, -1);
}
