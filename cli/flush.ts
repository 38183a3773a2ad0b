import { Command } from 'commander';
import { sendInvalidation } from './invalidate.js';
import { asksService, type ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';

export function flushCommand(terminal: Terminal): Command {
  const command = new Command('flush')
    .description('Take back everything that is stored; deletes nothing in Redis')
    .addHelpText(
      'after',
      `
Everything gets a new generation: what is stored is not used again by any process, and Redis drops
it when its time is over. There is no FLUSHDB: whatever else lives in that Redis stays. It costs one
load of every panel that is read afterwards; dashcache warm loads them before anyone asks.

Example:
  dashcache flush && dashcache warm`,
    )
    .action((options: ServiceOptions) => sendInvalidation({ all: true }, options, terminal));
  return asksService(command);
}
