/** A name of one part as SQL, whatever characters it has. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Any text as a literal of PostgreSQL, whatever standard_conforming_strings is set to: where that is off, a backslash in a plain
 * literal would hide the quote after it. For texts that are well-formed and without NUL, which no literal can hold.
 */
export function quoteEscaped(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A text as an SQL literal. For names, files and settings of ours: values of readers are bound. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
