import type { Condition, Ctes, FromShape, Operand, QueryShape, SelectShape } from './query-shape.js';

/** Why a query is not proved, for people. */
export interface Unproved {
  /** The table that is not restricted; null where a part of the query is beyond the rules. */
  readonly table: string | null;
  readonly why: string;
}

export interface ProofOptions {
  /** Names as written, in lower case, of tables that hold no tenant's rows. */
  readonly sharedTables: ReadonlySet<string>;
}

/** Columns by alias that hold the tenant, or nothing, in every row that can have an effect. */
type Held = ReadonlyMap<string, ReadonlySet<string>>;
interface Scope {
  readonly ctes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Null: nothing is around the query. */
  readonly outer: Held | null;
}

/**
 * Nothing, or why rows of another tenant might have a say in the result. Conservative: what is not understood is not proved. Every table
 * that is read needs a column that equals the tenant, itself or over equalities that hold in every row that counts.
 */
export function proveRestricted(query: QueryShape, options: ProofOptions): readonly Unproved[] {
  const unproved: Unproved[] = [];
  prove(query, { ctes: new Map(), outer: null });
  return unproved;

  function prove(shape: QueryShape, scope: Scope): ReadonlySet<string> {
    if (shape.kind === 'unknown') {
      unproved.push({ table: null, why: shape.what });
      return new Set();
    }
    const inner = { ...scope, ctes: proveCtes(shape.ctes, scope) };
    if (shape.kind === 'select') return proveSelect(shape.select, inner);
    for (const arm of [...shape.arms, ...shape.nested]) prove(arm, inner);
    return new Set();
  }

  function proveCtes({ isRecursive, items }: Ctes, scope: Scope): Scope['ctes'] {
    const ctes = new Map(scope.ctes);
    // Each body is proved by itself, so whoever reads from it reads proved rows, of which nothing else is known yet.
    if (isRecursive) for (const { name } of items) ctes.set(name, new Set());
    for (const { name, query: body } of items) {
      const output = prove(body, { ...scope, ctes: new Map(ctes) });
      ctes.set(name, isRecursive ? new Set() : output);
    }
    return ctes;
  }

  function proveSelect(select: SelectShape, scope: Scope): ReadonlySet<string> {
    const facts = new Facts(select, scope);
    for (const item of select.from) facts.addFrom(item);
    facts.addWhere(select.where);
    // What a sub-select in FROM tells of its columns restricts others, and the other way round: those without neighbours first.
    const derived = facts.leaves.filter((leaf) => leaf.kind === 'query');
    for (const leaf of derived)
      facts.hold(leaf.alias, prove(leaf.query, leaf.isLateral ? { ...scope, outer: facts.around() } : scope));
    for (const leaf of facts.leaves) {
      if (leaf.kind === 'unknown') unproved.push({ table: null, why: leaf.what });
      if (leaf.kind === 'values')
        for (const each of leaf.nested) prove(each, { ...scope, outer: facts.around() });
      if (leaf.kind !== 'table') continue;
      const cte = leaf.schema === '' ? scope.ctes.get(leaf.name) : undefined;
      if (cte) {
        if (!leaf.isRenamed) facts.hold(leaf.alias, cte);
      }
    }
    const held = facts.solve();
    for (const leaf of facts.leaves) {
      if (leaf.kind !== 'table') continue;
      const isCte = leaf.schema === '' && scope.ctes.has(leaf.name);
      const full = leaf.schema === '' ? leaf.name : `${leaf.schema}.${leaf.name}`;
      if (isCte || options.sharedTables.has(full) || (held.get(leaf.alias)?.size ?? 0) > 0) continue;
      unproved.push({ table: full, why: 'nothing holds its rows to the tenant' });
    }
    if (facts.isDoubled) unproved.push({ table: null, why: 'two parts of FROM have the same name' });
    // In ON nothing is known of the row yet that WHERE says later.
    const unknown = new Map([...held.keys()].map((alias) => [alias, new Set<string>()]));
    for (const each of facts.nestedInOn) prove(each, { ...scope, outer: unknown });
    const outer = new Map([...(scope.outer ?? []), ...held]);
    for (const each of select.nested) prove(each, { ...scope, outer });
    return outputOf(select, facts, held);
  }
}

function outputOf(select: SelectShape, facts: Facts, held: Held): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const names = new Set<string>();
  const hasStar = select.output.some(({ kind }) => kind === 'star');
  for (const item of select.output) {
    if (item.kind === 'star') {
      // Of a star over several tables nobody knows which column a name means.
      if (facts.leaves.length === 1)
        for (const name of held.get(
          facts.leaves[0]?.kind === 'unknown' ? '' : (facts.leaves[0]?.alias ?? ''),
        ) ?? [])
          names.add(name);
      continue;
    }
    const { name, value } = item;
    if (name === null) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (value.kind === 'tenant' || (value.kind === 'column' && facts.isHeld(value, held))) names.add(name);
  }
  // A name that stands for two columns proves nothing.
  return new Set([...names].filter((name) => (counts.get(name) ?? 0) <= 1 && !(hasStar && counts.has(name))));
}

type Leaf = Exclude<FromShape, { kind: 'join' }>;
const TENANT = '\u0000tenant';

/** The equalities of one SELECT. An edge from a to b: where a is the tenant, so is b. */
class Facts {
  readonly leaves: Leaf[] = [];
  readonly nestedInOn: QueryShape[] = [];
  isDoubled = false;
  readonly #aliases = new Set<string>();
  readonly #edges = new Map<string, Set<string>>();
  readonly #refs = new Map<string, { alias: string; name: string }>();
  readonly #merged = new Map<string, string>();

  constructor(
    readonly select: SelectShape,
    readonly scope: Scope,
  ) {}

  /** Gives the aliases of the item. */
  addFrom(item: FromShape): ReadonlySet<string> {
    if (item.kind !== 'join') {
      this.leaves.push(item);
      if (item.kind === 'unknown') return new Set();
      if (this.#aliases.has(item.alias)) this.isDoubled = true;
      this.#aliases.add(item.alias);
      return new Set([item.alias]);
    }
    const left = this.addFrom(item.left);
    const right = this.addFrom(item.right);
    this.nestedInOn.push(...item.nested);
    const both = new Set([...left, ...right]);
    // A condition of an outer join says nothing of the rows that are kept whether it holds or not.
    const told = { inner: both, left: right, right: left, full: new Set<string>() }[item.type];
    this.#addCondition(item.on, told, false);
    const [only, ...more] = left;
    const [other, ...others] = right;
    if (only !== undefined && other !== undefined && more.length === 0 && others.length === 0)
      for (const name of item.using) {
        this.#equal(this.#ref(only, name), this.#ref(other, name), told);
        if (item.type !== 'full')
          this.#merged.set(name, this.#ref(item.type === 'right' ? other : only, name));
      }
    else for (const name of item.using) this.#merged.delete(name);
    return both;
  }

  addWhere(condition: Condition): void {
    this.#addCondition(condition, this.#aliases, true);
  }

  hold(alias: string, names: Iterable<string>): void {
    for (const name of names) this.#edge(TENANT, this.#ref(alias, name));
  }

  around(): Held {
    return new Map([...(this.scope.outer ?? []), ...this.solve()]);
  }

  solve(): Held {
    const reached = new Set([TENANT]);
    // An alias of this query hides one of the same name around it.
    for (const [alias, names] of this.scope.outer ?? [])
      if (!this.#aliases.has(alias)) for (const name of names) reached.add(this.#ref(alias, name));
    for (const node of reached) for (const next of this.#edges.get(node) ?? []) reached.add(next);
    const held = new Map<string, Set<string>>([...this.#aliases].map((alias) => [alias, new Set()]));
    for (const node of reached) {
      const ref = this.#refs.get(node);
      if (ref) held.get(ref.alias)?.add(ref.name);
    }
    return held;
  }

  isHeld(operand: Operand, held: Held): boolean {
    const node = this.#nodeOf(operand, false);
    const ref = node === null ? undefined : this.#refs.get(node);
    return ref !== undefined && (held.get(ref.alias)?.has(ref.name) ?? false);
  }

  #addCondition(condition: Condition, told: ReadonlySet<string>, isWhere: boolean): void {
    for (const { left, right } of this.#equalities(condition)) {
      const a = this.#nodeOf(left, isWhere);
      const b = this.#nodeOf(right, isWhere);
      if (a !== null && b !== null) this.#equal(a, b, told);
    }
  }

  /** Those that hold whenever the condition does: of OR what every arm says. */
  #equalities(condition: Condition): { left: Operand; right: Operand }[] {
    if (condition.kind === 'other') return [];
    if (condition.kind === 'equal') return [condition];
    const each = condition.items.map((item) => this.#equalities(item));
    if (condition.kind === 'and') return each.flat();
    const [first = [], ...rest] = each;
    return first.filter((one) =>
      rest.every((arm) => arm.some((other) => JSON.stringify(other) === JSON.stringify(one))),
    );
  }

  #equal(a: string, b: string, told: ReadonlySet<string>): void {
    if (this.#isTold(b, told)) this.#edge(a, b);
    if (this.#isTold(a, told)) this.#edge(b, a);
  }

  #isTold(node: string, told: ReadonlySet<string>): boolean {
    const ref = this.#refs.get(node);
    return ref !== undefined && told.has(ref.alias);
  }

  #nodeOf(operand: Operand, isWhere: boolean): string | null {
    if (operand.kind === 'other') return null;
    if (operand.kind === 'tenant') return TENANT;
    const { table, name } = operand;
    if (table !== null)
      return this.#aliases.has(table) || this.scope.outer?.has(table) ? this.#ref(table, name) : null;
    if (isWhere && this.select.whereAliases.has(name)) return null;
    const merged = this.#merged.get(name);
    if (merged !== undefined) return merged;
    // Without the catalogue a bare name is sure only where there is one table, and nothing around the query.
    const [only, ...more] = this.#aliases;
    if (only === undefined || more.length > 0 || (this.scope.outer !== null && this.scope.outer.size > 0))
      return null;
    return this.leaves.some(({ kind }) => kind === 'unknown') ? null : this.#ref(only, name);
  }

  #ref(alias: string, name: string): string {
    const node = JSON.stringify([alias, name]);
    this.#refs.set(node, { alias, name });
    return node;
  }

  #edge(from: string, to: string): void {
    const known = this.#edges.get(from) ?? new Set();
    this.#edges.set(from, known.add(to));
  }
}
