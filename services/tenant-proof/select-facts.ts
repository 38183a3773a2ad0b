import type {
  Condition,
  FromLeaf,
  FromShape,
  JoinShape,
  Operand,
  QueryShape,
} from '../sources/query-shape.js';
import { equalitiesOf, toldByJoin } from './equalities.js';

/** Columns by alias that hold the tenant, or nothing, in every row that can have an effect. */
export type Held = ReadonlyMap<string, ReadonlySet<string>>;

/** What is known of a part of FROM of a query around. */
export interface Seen {
  readonly held: ReadonlySet<string>;
  /** As it is written; null where it is no table. */
  readonly table: string | null;
}

export interface FactsOptions {
  /** The name that is bound to the tenant. */
  readonly tenant: string;
  /** By alias; null: there is no query around. */
  readonly outer: ReadonlyMap<string, Seen> | null;
  /** Names that WHERE may mean though they are no columns. */
  readonly whereAliases: ReadonlySet<string>;
}

interface Column {
  readonly alias: string;
  readonly name: string;
}

const TENANT = 'tenant';

/** What the FROM and WHERE of one SELECT say of its columns. An edge from a to b: where a is the tenant, so is b. */
export class SelectFacts {
  readonly leaves: FromLeaf[] = [];
  readonly nestedInOn: QueryShape[] = [];
  readonly #options: FactsOptions;
  readonly #aliases: string[] = [];
  readonly #edges = new Map<string, Set<string>>();
  readonly #columns = new Map<string, Column>();
  /** What a column of USING stands for where no table is named. */
  readonly #merged = new Map<string, Column>();

  constructor(options: FactsOptions) {
    this.#options = options;
  }

  /** Two parts of FROM with one name: then a column is of either. */
  get isAmbiguous(): boolean {
    return new Set(this.#aliases).size < this.#aliases.length;
  }

  /** Gives the aliases of the item. */
  addFrom(item: FromShape): ReadonlySet<string> {
    if (item.kind === 'join') return this.#addJoin(item);
    this.leaves.push(item);
    if (item.kind === 'unknown') return new Set();
    this.#aliases.push(item.alias);
    return new Set([item.alias]);
  }

  addWhere(condition: Condition): void {
    this.#addCondition(condition, new Set(this.#aliases), this.#options.whereAliases);
  }

  hold(alias: string, names: Iterable<string>): void {
    for (const name of names) this.#edge(TENANT, this.#nodeOf({ alias, name }));
  }

  /** What a sub-select sees that may name what stands before an item of FROM (null: all of it). */
  seenFrom(alias: string | null): ReadonlyMap<string, Seen> {
    const held = this.held();
    const seen = alias === null ? this.#aliases : this.#aliases.slice(0, this.#aliases.indexOf(alias));
    // A name of this FROM hides the same name around it, even where it cannot be seen.
    const around = [...(this.#options.outer ?? [])].filter(([name]) => !this.#aliases.includes(name));
    const own = seen.map((name) => [name, this.#seen(name, held.get(name) ?? new Set())] as const);
    return new Map([...around, ...own]);
  }

  /** What a sub-select in ON sees: of these rows WHERE tells only later. */
  seenFromOn(): ReadonlyMap<string, Seen> {
    return new Map(this.#aliases.map((alias) => [alias, this.#seen(alias, new Set())]));
  }

  held(): Held {
    const reached = new Set([TENANT]);
    for (const [alias, { held }] of this.#options.outer ?? [])
      if (!this.#aliases.includes(alias)) for (const name of held) reached.add(this.#nodeOf({ alias, name }));
    for (const node of reached) for (const next of this.#edges.get(node) ?? []) reached.add(next);
    const held = new Map<string, Set<string>>(this.#aliases.map((alias) => [alias, new Set()]));
    for (const node of reached) {
      const column = this.#columns.get(node);
      if (column) held.get(column.alias)?.add(column.name);
    }
    return held;
  }

  isHeld(operand: Operand, held: Held): boolean {
    if (operand.kind === 'bind') return operand.name === this.#options.tenant;
    const column = operand.kind === 'column' ? this.#columnOf(operand, new Set()) : null;
    return column !== null && (held.get(column.alias)?.has(column.name) ?? false);
  }

  #addJoin(join: JoinShape): ReadonlySet<string> {
    const left = this.addFrom(join.left);
    const right = this.addFrom(join.right);
    this.nestedInOn.push(...join.nested);
    const told = toldByJoin(join, left, right);
    this.#addCondition(join.on, told, new Set());
    for (const name of join.using) this.#addUsing(name, { join, left, right, told });
    return new Set([...left, ...right]);
  }

  #addUsing(
    name: string,
    side: Record<'left' | 'right' | 'told', ReadonlySet<string>> & { readonly join: JoinShape },
  ): void {
    const left = this.#onSide(name, side.left);
    const right = this.#onSide(name, side.right);
    // Of several tables nobody knows here which of them has the column.
    this.#merged.delete(name);
    if (!left || !right) return;
    this.#equal(this.#nodeOf(left), this.#nodeOf(right), side.told);
    if (side.join.type !== 'full') this.#merged.set(name, side.join.type === 'right' ? right : left);
  }

  #onSide(name: string, aliases: ReadonlySet<string>): Column | null {
    const [only, ...more] = aliases;
    if (only !== undefined && more.length === 0) return { alias: only, name };
    const merged = this.#merged.get(name);
    return merged && aliases.has(merged.alias) ? merged : null;
  }

  #addCondition(condition: Condition, told: ReadonlySet<string>, otherNames: ReadonlySet<string>): void {
    const nodeOf = (operand: Operand): string | null => {
      if (operand.kind === 'bind') return operand.name === this.#options.tenant ? TENANT : null;
      const column = operand.kind === 'column' ? this.#columnOf(operand, otherNames) : null;
      return column && this.#nodeOf(column);
    };
    for (const { left, right } of equalitiesOf(condition)) {
      const a = nodeOf(left);
      const b = nodeOf(right);
      if (a !== null && b !== null) this.#equal(a, b, told);
    }
  }

  #equal(a: string, b: string, told: ReadonlySet<string>): void {
    if (told.has(this.#columns.get(b)?.alias ?? '')) this.#edge(a, b);
    if (told.has(this.#columns.get(a)?.alias ?? '')) this.#edge(b, a);
  }

  #columnOf(
    { table, name }: { readonly table: string | null; readonly name: string },
    otherNames: ReadonlySet<string>,
  ): Column | null {
    const { outer } = this.#options;
    if (table !== null) return this.#isSure(table) ? { alias: table, name } : null;
    if (otherNames.has(name)) return null;
    const merged = this.#merged.get(name);
    if (merged) return merged;
    // Without the catalogue a name alone is sure only where there is one table, and nothing around the query.
    const [only, ...more] = this.leaves;
    const isSure = more.length === 0 && (outer === null || outer.size === 0);
    return isSure && only && only.kind !== 'unknown' ? { alias: only.alias, name } : null;
  }

  /**
   * Whether an alias stands for one part of FROM. DuckDB looks for a column that the nearest of that name lacks in the next one around:
   * but two times the same table have the same columns.
   */
  #isSure(alias: string): boolean {
    const around = this.#options.outer?.get(alias);
    if (!this.#aliases.includes(alias)) return around !== undefined;
    return (
      around === undefined || (around.table !== null && around.table === this.#seen(alias, new Set()).table)
    );
  }

  #seen(alias: string, held: ReadonlySet<string>): Seen {
    const leaf = this.leaves.find((each) => each.kind === 'table' && each.alias === alias);
    return { held, table: leaf?.kind === 'table' ? `${leaf.schema}.${leaf.name}` : null };
  }

  #nodeOf(column: Column): string {
    const node = JSON.stringify([column.alias, column.name]);
    this.#columns.set(node, column);
    return node;
  }

  #edge(from: string, to: string): void {
    this.#edges.set(from, (this.#edges.get(from) ?? new Set()).add(to));
  }
}
