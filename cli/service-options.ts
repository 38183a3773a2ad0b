import { type Command, InvalidArgumentError } from 'commander';
import { readHttpUrl } from '../config/read-setting.js';

/** What every command takes that asks a running service. */
export interface ServiceOptions {
  readonly url?: string;
  readonly json?: true;
}

export const SERVICE_GROUP = 'Commands for a running service:';

/** Adds the options of ServiceOptions to a command, behind its own, and puts it among its like in the help. */
export function asksService(command: Command): Command {
  return command
    .helpGroup(SERVICE_GROUP)
    .option(
      '--url <address>',
      'address of the service (DASHCACHE_URL; else PORT on this machine)',
      addressText,
    )
    .option('--json', 'print the answer as JSON');
}

export function addressText(text: string): string {
  if (readHttpUrl(text) !== undefined) return text;
  throw new InvalidArgumentError('An address begins with http:// or https://.');
}
