import type { SeededRandom } from '../../helpers/seeded-random.js';

/** Parts of FROM of the queries around, from the inside out. */
type Around = readonly (readonly string[])[];

interface Scope {
  readonly ctes: readonly string[];
  readonly around: Around;
}

const TABLES = ['a', 'b', 's', 'd'];
const ALIASES = ['x', 'y', 'z'];
const JOINS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'];

/**
 * A query of columns `site` and `k` over the tables of the trial, nested at random, with names that hide others. Some do not mean
 * anything: then the database refuses them.
 */
export function randomTenantQuery(random: SeededRandom): string {
  return query({ ctes: [], around: [] }, 2);

  function query(scope: Scope, depth: number): string {
    if (depth > 0 && random.chance(0.2)) return withCte(scope, depth);
    if (depth > 0 && random.chance(0.15)) {
      const set = random.pick(['UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT']);
      return `${select(scope, depth - 1)} ${set} ${select(scope, depth - 1)}`;
    }
    return select(scope, depth);
  }

  function withCte(scope: Scope, depth: number): string {
    const name = random.pick(['c', 'a', 'b']);
    const isRecursive = random.chance(0.2);
    const body = isRecursive
      ? `${select(scope, 0)} UNION ${select({ ...scope, ctes: [...scope.ctes, name] }, 0)}`
      : query(scope, depth - 1);
    const rest = select({ ...scope, ctes: [...scope.ctes, name, name] }, depth - 1);
    return `WITH ${isRecursive ? 'RECURSIVE ' : ''}${name} AS (${body}) ${rest}`;
  }

  function select(scope: Scope, depth: number): string {
    const names: string[] = [];
    const from = fromList(names, scope, depth);
    const inner = { ...scope, around: [names, ...scope.around] };
    const where = random.chance(0.85) ? ` WHERE ${condition(inner, depth)}` : '';
    if (random.chance(0.1))
      return `SELECT * FROM (SELECT ${output(names, inner, depth)} FROM ${from}${where}) w`;
    const limit = random.chance(0.08) ? ' ORDER BY 1, 2 LIMIT 1' : '';
    const text = `SELECT ${output(names, inner, depth)} FROM ${from}${where}`;
    return limit === '' ? text : `(${text}${limit})`;
  }

  function output(names: readonly string[], scope: Scope, depth: number): string {
    const site = random.pick([column(scope, 'site'), column(scope, 'site'), ':t', '7', 'site']);
    const k = random.chance(0.2)
      ? `(SELECT count(*) FROM (${query(scope, depth - 1)}) q)`
      : column(scope, 'k');
    if (names.length === 1 && random.chance(0.15)) return '*';
    return `${site} AS site, ${depth > 0 ? k : column(scope, 'k')} AS k`;
  }

  function fromList(names: string[], scope: Scope, depth: number): string {
    let from = item(names, scope, depth);
    while (names.length < 3 && random.chance(0.45)) {
      if (random.chance(0.2)) {
        from = `${from}, ${item(names, scope, depth)}`;
        continue;
      }
      const join = random.pick(JOINS);
      const right = item(names, scope, depth);
      const inner = { ...scope, around: [[...names], ...scope.around] };
      from = random.chance(0.25)
        ? `${from} ${join} ${right} USING (${random.pick(['site', 'k', 'site, k'])})`
        : `${from} ${join} ${right} ON ${condition(inner, depth)}`;
    }
    return from;
  }

  function item(names: string[], scope: Scope, depth: number): string {
    const before = [...names];
    const alias = random.pick(ALIASES);
    if (depth > 0 && random.chance(0.25)) {
      names.push(alias);
      const isLateral = before.length > 0 && random.chance(0.4);
      const inner = isLateral ? { ...scope, around: [before, ...scope.around] } : scope;
      return `${isLateral ? 'LATERAL ' : ''}(${query(inner, depth - 1)}) ${alias}`;
    }
    const table = random.pick([...TABLES, ...TABLES.slice(0, 2), ...scope.ctes]);
    const isNamed = random.chance(0.6);
    names.push(isNamed ? alias : table);
    return isNamed ? `${table} ${alias}` : table;
  }

  function condition(scope: Scope, depth: number): string {
    const one = () => condition(scope, depth - 1);
    if (depth > -1 && random.chance(0.35)) return `(${one()} AND ${one()})`;
    if (depth > -1 && random.chance(0.1)) return `(${one()} OR ${one()})`;
    if (depth > -1 && random.chance(0.05)) return `NOT (${one()})`;
    if (depth > 0 && random.chance(0.1))
      return `${random.pick(['', 'NOT '])}EXISTS (${query(scope, depth - 1)})`;
    return random.pick([
      () => `${column(scope, 'site')} = :t`,
      () => `${column(scope, 'site')} = :t`,
      () => `${column(scope, 'site')} = :t`,
      () => `${column(scope, 'site')} = ${column(scope, 'site')}`,
      () => `${column(scope, 'site')} = ${column(scope, 'site')}`,
      () => `${column(scope, 'k')} = ${column(scope, 'k')}`,
      () => 'site = :t',
      () => `${column(scope, 'site')} IN (${random.pick([':t', ':t, 8'])})`,
      () => `${column(scope, 'k')} > 1`,
      () => `${column(scope, 'site')} IS NULL`,
    ])();
  }

  function column({ around }: Scope, name: string): string {
    const near = around[0] ?? [];
    const names = random.chance(0.85) ? near : around.flat();
    return names.length === 0 ? '7' : `${random.pick(names)}.${name}`;
  }
}
