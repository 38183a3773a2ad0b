import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { quoteLiteral } from '../../services/sources/sql-quote.js';
import { type EmbeddedServer, giveToServer } from './embedded-server.js';

/** DuckDB's names of types that PostgreSQL calls otherwise. */
const TYPES: Readonly<Record<string, string>> = { VARCHAR: 'text', DOUBLE: 'double precision' };

export interface CopyOptions {
  /** The DuckDB file of the demo. */
  readonly databasePath: string;
  readonly server: EmbeddedServer;
  readonly progress: (line: string) => void;
}

/** Copies every table of the demo's database, row by row as it is, into an empty PostgreSQL, with the usual indexes. */
export async function copyOperations({ databasePath, server, progress }: CopyOptions): Promise<void> {
  const instance = await DuckDBInstance.create(databasePath, { access_mode: 'READ_ONLY' });
  const client = new pg.Client({ connectionString: server.url });
  try {
    await client.connect();
    const connection = await instance.connect();
    for (const table of await tablesOf(connection)) {
      progress(table.name);
      const file = join(server.folder, `${table.name}.csv`);
      await connection.run(`COPY "${table.name}" TO ${quoteLiteral(file)} (FORMAT csv, HEADER)`);
      giveToServer(file);
      await client.query(`CREATE TABLE "${table.name}" (${table.columns.map(columnSql).join(', ')})`);
      await client.query(`COPY "${table.name}" FROM ${quoteLiteral(file)} (FORMAT csv, HEADER)`);
      for (const index of indexesOf(table)) await client.query(`CREATE INDEX ON "${table.name}" (${index})`);
    }
    await client.query('ANALYZE');
    connection.closeSync();
  } finally {
    await client.end();
    instance.closeSync();
  }
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
}

interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

async function tablesOf(connection: DuckDBConnection): Promise<Table[]> {
  const result = await connection.run(
    'SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index',
  );
  const tables = new Map<string, Column[]>();
  for (const [table, name, type, isNullable] of await result.getRows()) {
    const columns = tables.get(String(table)) ?? [];
    columns.push({ name: String(name), type: String(type), isNullable: isNullable === true });
    tables.set(String(table), columns);
  }
  return [...tables].map(([name, columns]) => ({ name, columns }));
}

function columnSql({ name, type, isNullable }: Column): string {
  return `"${name}" ${TYPES[type] ?? type}${isNullable ? '' : ' NOT NULL'}`;
}

function indexesOf({ columns }: Table): string[] {
  const has = (name: string) => columns.some((column) => column.name === name);
  const bySite = ['created_at', 'day'].find(has);
  return [...(has('id') ? ['id'] : []), ...(has('site_id') ? [`site_id${bySite ? `, ${bySite}` : ''}`] : [])];
}
