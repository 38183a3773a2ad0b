import type { ExitCode } from './exit-codes.js';

/** A command cannot go on, for a reason that a person can act on: the message is all that is shown. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
