import { createHash } from 'node:crypto';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';

export interface Relation {
  readonly catalogName: string;
  readonly schemaName: string;
  readonly name: string;
  /** The query of a view; null for a table. */
  readonly viewSql: string | null;
}

/** What a database holds beside DuckDB's own. It is opened read-only, so one look lasts as long as it is open. */
export interface Catalogue {
  /** Where names without a catalog or schema are looked for, in order. */
  readonly searchPath: readonly { readonly catalogName: string; readonly schemaName: string }[];
  readonly relations: readonly Relation[];
  /** Definitions by lower-case name. A scalar macro's is an expression, a table macro's a query. */
  readonly macros: ReadonlyMap<string, readonly { readonly sql: string; readonly isTable: boolean }[]>;
}

export async function readCatalogue(
  connection: DuckDBConnection,
  searchPath: Catalogue['searchPath'],
): Promise<Catalogue> {
  const tables = await rowsOf(
    connection,
    'SELECT database_name, schema_name, table_name, NULL FROM duckdb_tables() WHERE NOT internal',
  );
  const views = await rowsOf(
    connection,
    'SELECT database_name, schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal',
  );
  const macros = await rowsOf(
    connection,
    "SELECT lower(function_name), macro_definition, function_type = 'table_macro' FROM duckdb_functions() WHERE NOT internal AND macro_definition IS NOT NULL",
  );
  return {
    searchPath,
    relations: [...tables, ...views].map(([catalog, schema, name, sql]) => ({
      catalogName: String(catalog),
      schemaName: String(schema),
      name: String(name),
      viewSql: sql === null ? null : String(sql),
    })),
    macros: groupMacros(macros),
  };
}

/** `table`, or `schema.table` outside the schema main. */
export function relationName(relation: Relation): string {
  return relation.schemaName === 'main' ? relation.name : `${relation.schemaName}.${relation.name}`;
}

/** Equal for equal catalogues. */
export function catalogueSignature({ relations, macros, searchPath }: Catalogue): string {
  const hash = createHash('sha256');
  return hash.update(JSON.stringify([searchPath, relations, [...macros]])).digest('base64url');
}

function groupMacros(rows: readonly (readonly DuckDBValue[])[]): Catalogue['macros'] {
  const macros = new Map<string, { sql: string; isTable: boolean }[]>();
  for (const [name, sql, isTable] of rows) {
    const overloads = macros.get(String(name)) ?? [];
    overloads.push({ sql: String(sql), isTable: isTable === true });
    macros.set(String(name), overloads);
  }
  return macros;
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  return (await connection.run(sql)).getRows();
}
