type Parser = Pick<typeof import('libpg-query'), 'parse' | 'parsePlPgSQL'>;

let parser: Promise<Parser> | null = null;

/** Loaded with the first query of a PostgreSQL source: who has none does not pay for 2 MB of WebAssembly. */
function loaded(): Promise<Parser> {
  parser ??= import('libpg-query');
  return parser;
}

/** The syntax of a text as PostgreSQL's own parser sees it; null where it does not know it. */
export async function parseSql(sql: string): Promise<unknown> {
  const { parse } = await loaded();
  return parse(sql).catch(() => null);
}

/** The syntax of the body of a plpgsql function, from its CREATE FUNCTION; null where it cannot be told. */
export async function parsePlpgsql(definition: string): Promise<unknown> {
  const { parsePlPgSQL } = await loaded();
  return parsePlPgSQL(definition).catch(() => null);
}
