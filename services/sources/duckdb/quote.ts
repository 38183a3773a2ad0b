/** A name as SQL, whatever characters it has. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. Only for names of files and statements to look at: values of readers are bound. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
