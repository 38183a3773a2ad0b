import type { SeededRandom } from '../helpers/seeded-random.js';
import type { CorpusQuery } from './read-corpus.js';

/** Of both schemas: tables, then views over views, unions and common table expressions. */
const RELATIONS = ['tasks', 'sites', 'people', 'prices', 'audit.log', 'audit.tasks', 'app.flags', 'tree'];
const VIEWS = [
  'open_tasks',
  'site_load',
  'region_load',
  'both_tasks',
  'with_cte',
  'nested',
  'recursive_tree',
];
/** Names of tables, so that they shadow; `open_count` reads tasks, which in DuckDB it would take from whoever calls. */
const SHADOWS = ['sites', 'people', 'prices', 'tree', 'x'];

/** Queries of one number, nested at random: every row of what they read adds to it. */
export function randomQueries(random: SeededRandom, count: number): CorpusQuery[] {
  return Array.from({ length: count }, () => ({ sql: number(new Set(), 3), values: [] }));

  /** A SELECT of one row with the column n. */
  function number(scope: ReadonlySet<string>, depth: number): string {
    if (depth === 0 || random.chance(0.15)) return leaf(scope);
    const inner = () => number(scope, depth - 1);
    return random.pick([
      () => `SELECT (${inner()}) + (${inner()}) AS n`,
      () => `SELECT sum(n) AS n FROM ((${inner()}) UNION ALL (${inner()})) u`,
      () => `SELECT a.n + b.n AS n FROM (${inner()}) a CROSS JOIN LATERAL (${inner()}) b`,
      () => `SELECT count(*) AS n FROM generate_series(1, 2000) g (i) WHERE i <= (${inner()})`,
      () => withExpression(scope, depth),
    ])();
  }

  function withExpression(scope: ReadonlySet<string>, depth: number): string {
    const name = random.pick(SHADOWS);
    const body = number(scope, depth - 1);
    const inside = new Set([...scope, name]);
    const rest = `SELECT (${ofName(inside, name)}) + (${number(inside, depth - 1)}) AS n`;
    return `WITH ${name} AS (${body}) ${rest}`;
  }

  function leaf(scope: ReadonlySet<string>): string {
    if (random.chance(0.1)) return 'SELECT open_count(1) AS n';
    return ofName(scope, random.pick([...RELATIONS, ...VIEWS]));
  }

  function ofName(scope: ReadonlySet<string>, name: string): string {
    return scope.has(name) || name === 'x'
      ? `SELECT sum(n) AS n FROM ${name}`
      : `SELECT count(*) AS n FROM ${name}`;
  }
}
