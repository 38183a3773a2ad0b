import colors from 'picocolors';

/** Where a command writes: data on stdout, progress and complaints on stderr. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  /** Puts a line on stderr in place of the one that it put there before; '' takes it away. Null where nobody watches stderr. */
  readonly overwrite: ((line: string) => void) | null;
  /** Whether a person reads stdout. */
  readonly watched: boolean;
  readonly colors: ReturnType<typeof colors.createColors>;
}

/** The terminal of this process; picocolors honours NO_COLOR and FORCE_COLOR. */
export const processTerminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  overwrite: process.stderr.isTTY ? overwriteLine : null,
  watched: process.stdout.isTTY === true,
  colors,
};

function overwriteLine(line: string): void {
  // A line that wraps could not be taken back. Some terminals say that they have no columns.
  const columnsCount = process.stderr.columns || 80;
  process.stderr.write(`\r\u001b[K${line.slice(0, columnsCount - 1)}`);
}
