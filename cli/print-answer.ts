import { printable } from './printable.js';
import type { Terminal } from './terminal.js';

/** The answer itself for a program, lines made of it for a person. */
export function printAnswer<T extends object>(
  terminal: Terminal,
  answer: { readonly body: T; readonly json: true | undefined },
  lines: (body: T) => readonly string[],
): void {
  if (answer.json) terminal.out(JSON.stringify(answer.body, null, 2));
  else for (const line of lines(printable(answer.body))) terminal.out(line);
}
