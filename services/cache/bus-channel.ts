/**
 * The channel of hints, beside the control slot (PROTOCOL.md, "Choices"). A message carries no data: `look` says that the log
 * has grown, `filled <key hash>` that a load of that key has ended. Whoever publishes does so with pcall: a server that refuses
 * it refuses nothing else.
 */
export function busChannel(prefix: string): string {
  return `${prefix}{g}:bus`;
}

export const LOOK_MESSAGE = 'look';

/** Before the key hash. */
export const FILLED_MESSAGE = 'filled ';
