import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface CorpusQuery {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A change of one table, made so that queries which read it answer otherwise. */
export interface Touch {
  readonly table: string;
  readonly sql: string;
}

/** The queries of a corpus: one a line, its values behind it. */
export function corpusQueries(engine: string): CorpusQuery[] {
  return linesOf(`${engine}/queries.sql`).flatMap((line) => {
    const [, sql, values = '[]'] = /^(.+?);(?: -- (\[.*\]))?$/.exec(line) ?? [];
    return sql === undefined ? [] : [{ sql, values: JSON.parse(values) as unknown[] }];
  });
}

/** The touches of a corpus: `-- table`, and below it one change a line. */
export function corpusTouches(engine: string): Touch[] {
  let table = '';
  return linesOf(`${engine}/touches.sql`).flatMap((line) => {
    const [, title] = /^-- (.+)$/.exec(line) ?? [];
    table = title ?? table;
    return title === undefined && line !== '' ? [{ table, sql: line }] : [];
  });
}

export function corpusText(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
}

function linesOf(path: string): string[] {
  return corpusText(path).split('\n');
}
