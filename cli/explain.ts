import { Command } from 'commander';
import { type Entries, EntriesSchema } from '../services/explain/entries-schema.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { entryLines } from './explain-entry-lines.js';
import { entriesTableLines } from './explain-table-lines.js';
import { printAnswer } from './print-answer.js';
import { withService } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';

interface ExplainOptions extends ServiceOptions {
  readonly verbose?: true;
}

export function explainCommand(terminal: Terminal): Command {
  const command = new Command('explain')
    .description('Explain how the next read of an address would be answered, and why')
    .argument('<address>', 'of a dashboard or a panel, as a path or as the browser shows it')
    .option('--verbose', 'all that is known of every panel, as for a single one')
    .addHelpText(
      'after',
      `
Nothing is read, loaded or counted by it.

Examples:
  dashcache explain '/dashboards/operations?site_id=7'
  dashcache explain 'https://dash.example.com/dashboards/operations/charts/tasks?site_id=7&period=8w'`,
    )
    .action((address: string, options: ExplainOptions) => explain(address, options, terminal));
  return asksService(command);
}

async function explain(address: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  if (address === '') throw new CommandFailure('The address to explain is empty', EXIT.usage);
  // As it was given: the service knows its own BASE_PATH.
  const body = await withService(options, (service) =>
    service.ask({ path: `/cache/entries?url=${encodeURIComponent(address)}`, answer: EntriesSchema }),
  );
  printAnswer(terminal, { body, json: options.json }, (entries) =>
    linesOf(entries, { verbose: options.verbose === true, colors: terminal.colors }),
  );
}

function linesOf(
  { dashboard, tenant, entries }: Entries,
  { verbose, colors }: { readonly verbose: boolean; readonly colors: Terminal['colors'] },
): string[] {
  const whose = tenant === null ? dashboard : `${dashboard}, tenant ${tenant}`;
  const [only] = entries;
  if (entries.length === 0) return [`${whose}: no panel is read at this address`];
  if (only && entries.length === 1) {
    return [colors.bold(`${only.panel} of ${whose}`), ...entryLines(only, colors)];
  }
  if (!verbose) return [colors.bold(whose), ...entriesTableLines(entries, colors)];
  return entries.flatMap((entry, i) => [
    ...(i > 0 ? [''] : []),
    colors.bold(`${entry.panel} of ${whose}`),
    ...entryLines(entry, colors),
  ]);
}
