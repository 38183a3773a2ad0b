import colors from 'picocolors';

/** Where a command writes: data on stdout, progress and complaints on stderr. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  /** Whether a person reads stdout. */
  readonly watched: boolean;
  readonly colors: ReturnType<typeof colors.createColors>;
}

/** The terminal of this process; picocolors honours NO_COLOR and FORCE_COLOR. */
export const processTerminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  watched: process.stdout.isTTY === true,
  colors,
};
