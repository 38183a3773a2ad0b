import type { Ctes, FromLeaf, QueryShape, SelectShape } from '../sources/query-shape.js';
import { type Held, type Seen, SelectFacts } from './select-facts.js';

/** What is not proved of a query. */
export type Unproved =
  /** A table of which rows of any tenant may be read. */
  | { readonly table: string; readonly alias: string; readonly offset: number | null }
  /** A part that is beyond the rules. */
  | { readonly table: null; readonly what: string };

export interface ProofOptions {
  /** The name that is bound to the tenant. */
  readonly tenant: string;
  /** Tables that hold no tenant's rows, as queries write them, in lower case. */
  readonly sharedTables: ReadonlySet<string>;
}

/** The names in scope of WITH, and which of their columns hold the tenant. */
type CtesInScope = ReadonlyMap<string, ReadonlySet<string>>;

interface Scope {
  readonly ctes: CtesInScope;
  /** Null: nothing is around the query. */
  readonly outer: ReadonlyMap<string, Seen> | null;
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Nothing where no row of another tenant can have a say in the result: every table that is read has a column that equals the tenant,
 * itself or over equalities, in every row that can have an effect. What is not understood is not proved.
 */
export function proveRestricted(query: QueryShape, options: ProofOptions): readonly Unproved[] {
  const proof = new Proof(options);
  proof.query(query, { ctes: new Map(), outer: null });
  return proof.unproved;
}

class Proof {
  readonly unproved: Unproved[] = [];
  readonly #options: ProofOptions;

  constructor(options: ProofOptions) {
    this.#options = options;
  }

  /** Gives the columns of the result that hold the tenant or nothing in every row. */
  query(shape: QueryShape, scope: Scope): ReadonlySet<string> {
    if (shape.kind === 'unknown') {
      this.unproved.push({ table: null, what: shape.what });
      return NOTHING;
    }
    const inner = { ...scope, ctes: this.#ctes(shape.ctes, scope) };
    if (shape.kind === 'select') return this.#select(shape.select, inner);
    for (const each of [...shape.arms, ...shape.nested]) this.query(each, inner);
    return NOTHING;
  }

  /** Each is proved by itself, so whoever reads from it reads no other tenant's rows. */
  #ctes(items: Ctes, scope: Scope): CtesInScope {
    const ctes = new Map(scope.ctes);
    // What one says of its columns is known only when it is read.
    for (const { name, sees } of items) if (sees === 'all') ctes.set(name, NOTHING);
    for (const { name, query, sees } of items) {
      const before = { ...scope, ctes: new Map(ctes) };
      if (sees === 'itself') this.#recursive(query, before, name);
      const output = sees === 'itself' ? NOTHING : this.query(query, before);
      ctes.set(name, sees === 'before' ? output : NOTHING);
    }
    return ctes;
  }

  /** Its first arm does not see it: there, its name is that of a table. */
  #recursive(query: QueryShape, scope: Scope, name: string): void {
    const within = { ...scope, ctes: new Map([...scope.ctes, [name, NOTHING] as const]) };
    if (query.kind !== 'arms') {
      this.query(query, within);
      return;
    }
    const [first, ...rest] = query.arms;
    if (first) this.query(first, scope);
    this.query({ ...query, arms: rest }, within);
  }

  #select(select: SelectShape, scope: Scope): ReadonlySet<string> {
    const { tenant } = this.#options;
    const facts = new SelectFacts({ tenant, outer: scope.outer, whereAliases: select.whereAliases });
    for (const item of select.from) facts.addFrom(item);
    facts.addWhere(select.where);
    if (facts.isAmbiguous)
      this.unproved.push({ table: null, what: 'two parts of FROM that have the same name' });
    // What one of them is held to may hold its neighbours, so tables are judged last.
    for (const leaf of facts.leaves) this.#readInto(leaf, facts, scope);
    const held = facts.held();
    for (const leaf of facts.leaves) this.#judge(leaf, held, scope);
    for (const each of facts.nestedInOn) this.query(each, { ...scope, outer: facts.seenFromOn() });
    for (const each of select.nested) this.query(each, { ...scope, outer: facts.seenFrom(null) });
    return outputOf(select, facts, held);
  }

  #readInto(leaf: FromLeaf, facts: SelectFacts, scope: Scope): void {
    if (leaf.kind === 'unknown') this.unproved.push({ table: null, what: leaf.what });
    else if (leaf.kind === 'values')
      for (const each of leaf.nested) this.query(each, { ...scope, outer: facts.seenFrom(leaf.alias) });
    else if (leaf.kind === 'query')
      facts.hold(
        leaf.alias,
        this.query(leaf.query, leaf.isLateral ? { ...scope, outer: facts.seenFrom(leaf.alias) } : scope),
      );
    else facts.hold(leaf.alias, cteOf(leaf, scope) ?? NOTHING);
  }

  #judge(leaf: FromLeaf, held: Held, scope: Scope): void {
    if (leaf.kind !== 'table' || cteOf(leaf, scope)) return;
    const table = leaf.schema === '' ? leaf.name : `${leaf.schema}.${leaf.name}`;
    if (this.#options.sharedTables.has(table.toLowerCase()) || (held.get(leaf.alias)?.size ?? 0) > 0) return;
    this.unproved.push({ table, alias: leaf.alias, offset: leaf.offset });
  }
}

function cteOf(leaf: FromLeaf & { kind: 'table' }, { ctes }: Scope): ReadonlySet<string> | undefined {
  return leaf.schema === '' ? ctes.get(leaf.name) : undefined;
}

function outputOf({ output }: SelectShape, facts: SelectFacts, held: Held): ReadonlySet<string> {
  const stars = output.filter(({ kind }) => kind === 'star');
  if (stars.length > 1 || output.some(({ kind }) => kind === 'any')) return NOTHING;
  const values = output.filter((item) => item.kind === 'value');
  const counts = new Map<string | null, number>();
  for (const { name } of values) counts.set(name, (counts.get(name) ?? 0) + 1);
  // A name that may stand for two columns proves nothing.
  if (stars.length === 1) return starOutput(facts, held, counts);
  const isSure = (name: string | null): name is string => name !== null && counts.get(name) === 1;
  return new Set(
    values.flatMap(({ name, value }) => (isSure(name) && facts.isHeld(value, held) ? [name] : [])),
  );
}

/** Of a star over several tables nobody knows here which of them has a column. */
function starOutput(
  { leaves }: SelectFacts,
  held: Held,
  beside: ReadonlyMap<string | null, number>,
): ReadonlySet<string> {
  const [only, ...more] = leaves;
  if (!only || only.kind === 'unknown' || more.length > 0) return NOTHING;
  return new Set([...(held.get(only.alias) ?? [])].filter((name) => !beside.has(name)));
}
