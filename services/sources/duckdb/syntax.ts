import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral } from '../sql-quote.js';

/** A query as json_serialize_sql prints it, or a part of it. */
export type Syntax = { readonly [key: string]: unknown };

/** The statements of a text of SELECTs; null for anything else. */
export async function parseSelects(connection: DuckDBConnection, query: string): Promise<unknown> {
  const result = await connection.run(`SELECT json_serialize_sql(${quoteLiteral(query)})`);
  const [[text]] = (await result.getRows()) as [[string]];
  const told = JSON.parse(text);
  return told['error'] === false ? told['statements'] : null;
}

export function isSyntax(node: unknown): node is Syntax {
  return typeof node === 'object' && node !== null;
}

export function childOf(node: unknown, key: string): unknown {
  return isSyntax(node) ? node[key] : undefined;
}

export function listOf(node: unknown): readonly unknown[] {
  return Array.isArray(node) ? node : [];
}

/** Names are the same whatever their capitals. */
export function lower(name: unknown): string {
  return typeof name === 'string' ? name.toLowerCase() : '';
}
