export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `tasks` or `schema.tasks` as SQL takes it, capitals and all. */
export function quoteName(name: string): string {
  return name.split('.').map(quoteIdentifier).join('.');
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
