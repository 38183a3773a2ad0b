import { Command } from 'commander';
import { WhySchema } from '../services/explain/why-schema.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { withService } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';
import { whyLines } from './why-lines.js';

export function whyCommand(terminal: Terminal): Command {
  const command = new Command('why')
    .description('Tell why an address hits or misses, what invalidated it, and which refresh is due')
    .argument('<address>', 'of a dashboard or a panel, as a path or as the browser shows it')
    .addHelpText(
      'after',
      `
Nothing is read, loaded or counted by it. It is told by the process that answers: loads of others are not in its story.

Examples:
  dashcache why '/dashboards/operations/metrics?site_id=7'
  dashcache why 'https://dash.example.com/dashboards/operations?site_id=7' --url http://10.0.0.7:8000`,
    )
    .action((address: string, options: ServiceOptions) => why(address, options, terminal));
  return asksService(command);
}

async function why(address: string, options: ServiceOptions, terminal: Terminal): Promise<void> {
  if (address === '') throw new CommandFailure('The address to tell of is empty', EXIT.usage);
  // As it was given: the service knows its own BASE_PATH.
  const body = await withService(options, (service) =>
    service.ask({ path: `/cache/why?url=${encodeURIComponent(address)}`, answer: WhySchema }),
  );
  printAnswer(terminal, { body, json: options.json }, (told) => whyLines(told, terminal.colors));
}
