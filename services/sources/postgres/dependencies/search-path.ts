/** The schemas of a `search_path` setting in the order in which PostgreSQL looks, for the role that runs with it. */
export function searchPath(setting: string, role: string): string[] {
  const schemas = [...setting.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(([text, quoted]) => {
    const name = quoted === undefined ? text.toLowerCase() : quoted.replaceAll('""', '"');
    return name === '$user' ? role : name;
  });
  return schemas.includes('pg_catalog') ? schemas : ['pg_catalog', ...schemas];
}
