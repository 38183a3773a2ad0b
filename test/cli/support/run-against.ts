import { runCommand } from '../../../cli/run-command.js';
import { FakeTerminal } from '../../helpers/fake-terminal.js';

export interface Run {
  readonly exitCode: number;
  readonly terminal: FakeTerminal;
}

/** Runs a command against the service at an address. */
export async function runAgainst(
  { url }: { readonly url: string },
  words: readonly string[],
  terminal = new FakeTerminal(),
): Promise<Run> {
  return { exitCode: await runCommand([...words, '--url', url], terminal), terminal };
}
