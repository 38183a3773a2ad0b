import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { TableScan } from './source-seen.js';

const NodeSchema = Type.Recursive((Node) =>
  Type.Object({
    'Node Type': Type.String(),
    Schema: Type.Optional(Type.String()),
    'Relation Name': Type.Optional(Type.String()),
    Filter: Type.Optional(Type.String()),
    'Plan Rows': Type.Number(),
    Plans: Type.Optional(Type.Array(Node)),
  }),
);
const PlanSchema = Type.Array(Type.Object({ Plan: NodeSchema }));
type PlanNode = Static<typeof NodeSchema>;

/** Below this a scan is as quick as an index. */
const LARGE_ROWS_COUNT = 10_000;
const FEW_SHARE = 0.1;

/** A column of the scanned table beside an operator; before it perhaps its alias, behind it perhaps its cast. */
const COMPARED = /(?:[a-z_][\w$]*\.)?([a-z_][\w$]*)\)?(?:::[a-z ]+)?\s(=|>=|<=|<|>|~~)\s/g;

/**
 * The scans of large tables for a small part of their rows, in the answer to EXPLAIN (FORMAT JSON). `rowsOf` knows how many rows
 * a table has.
 */
export function tableScans(explained: unknown, rowsOf: (table: string) => number): TableScan[] {
  if (!Value.Check(PlanSchema, explained)) throw new Error('the database gives no plan that is known here');
  return explained.flatMap(({ Plan }) => nodesOf(Plan)).flatMap((node) => scanOf(node, rowsOf));
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap((child) => nodesOf(child as PlanNode))];
}

function scanOf(node: PlanNode, rowsOf: (table: string) => number): TableScan[] {
  const { Filter: filter, 'Relation Name': relation, 'Plan Rows': wantedRowsCount } = node;
  if (node['Node Type'] !== 'Seq Scan' || filter === undefined || relation === undefined) return [];
  const table =
    node.Schema === undefined || node.Schema === 'public' ? relation : `${node.Schema}.${relation}`;
  const tableRowsCount = rowsOf(table);
  if (tableRowsCount < LARGE_ROWS_COUNT || wantedRowsCount > FEW_SHARE * tableRowsCount) return [];
  return [{ table, filter, tableRowsCount, wantedRowsCount, columns: comparedColumns(filter) }];
}

/** An index serves equality first, then one range. */
function comparedColumns(filter: string): string[] {
  const found = [...filter.matchAll(COMPARED)].map(([, column = '', operator]) => ({ column, operator }));
  const equal = found.filter(({ operator }) => operator === '=');
  const others = found.filter(({ operator }) => operator !== '=');
  return [...new Set([...equal, ...others].map(({ column }) => column))];
}
