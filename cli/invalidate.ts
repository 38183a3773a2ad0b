import { Command } from 'commander';
import { InvalidatedSchema, type InvalidationBody } from '../services/invalidation/invalidation-schema.js';
import { acknowledged } from './acknowledged.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { withService } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';

interface InvalidateOptions extends ServiceOptions {
  readonly dashboard?: string;
  readonly panel?: string;
  readonly table?: string;
  readonly tag?: readonly string[];
  readonly tenant?: string;
  readonly all?: true;
  readonly expire?: true;
  readonly wait: boolean;
  readonly warm?: true;
}

export function invalidateCommand(terminal: Terminal): Command {
  const command = new Command('invalidate')
    .description('Take back what is stored of a dashboard, a panel, a table or a tag')
    .option('--dashboard <id>', 'all panels of a dashboard')
    .option('--panel <id>', 'only this panel of the dashboard: metrics, summary or charts/<name>')
    .option('--table <name>', 'every panel that reads the table: tasks or schema.tasks')
    .option('--tag <tag>', 'every panel with the tag; may be repeated: any of them', collected)
    .option('--all', 'everything')
    .option('--tenant <id>', 'of the selected only what belongs to this tenant')
    .option('--expire', 'the old data may be served once more while it is refreshed')
    .option('--no-wait', 'do not wait until every process has applied it')
    .option('--warm', 'what it touches is loaded anew at once, in the background')
    .addHelpText(
      'after',
      `
Once it ends with 0, no read that begins later is answered with the old data, by any process. With
--no-wait that is so a second later; with --expire a read may see it once more.

Examples:
  dashcache invalidate --dashboard operations --panel charts/tasks
  dashcache invalidate --table tasks --tenant 7
  dashcache invalidate --tag prices --tag stock --expire
  dashcache invalidate --table sales --warm`,
    )
    .action((options: InvalidateOptions) => invalidate(options, terminal));
  return asksService(command);
}

async function invalidate(options: InvalidateOptions, terminal: Terminal): Promise<void> {
  const { dashboard, panel, table, tag: tags, tenant, all } = options;
  const selection = {
    ...(all && { all }),
    ...(dashboard !== undefined && { dashboard }),
    ...(panel !== undefined && { panel }),
    ...(table !== undefined && { table }),
    ...(tags && { tags: [...tags] }),
    ...(tenant !== undefined && { tenant }),
  };
  if (Object.keys(selection).length === 0) {
    throw new CommandFailure(
      'Nothing is selected: name what to invalidate with --dashboard, --table or --tag, or all of it with --all',
      EXIT.usage,
    );
  }
  const { expire, wait, warm } = options;
  const body = { ...selection, mode: expire ? 'expire' : 'purge', wait, ...(warm && { warm }) } as const;
  await sendInvalidation(body, options, terminal);
}

/** Asks the service for an invalidation, and says where it is in force. */
export async function sendInvalidation(
  body: InvalidationBody,
  options: ServiceOptions,
  terminal: Terminal,
): Promise<void> {
  const invalidated = await withService(options, (service) =>
    service.ask({ method: 'POST', path: '/cache/invalidations', body, answer: InvalidatedSchema }),
  );
  const done = body.mode === 'expire' ? 'Expired' : 'Purged';
  const waited = body.mode !== 'expire' && body.wait !== false;
  printAnswer(terminal, { body: invalidated, json: options.json }, (answer) => [
    `${terminal.colors.green(done)}: ${acknowledged(answer, { waited })}`,
    ...(answer.warming ? [warmingText(answer.warming)] : []),
  ]);
}

function warmingText(dashboards: readonly string[]): string {
  if (dashboards.length === 0) return 'No dashboard shows anything of it: there is nothing to warm';
  return `Warming in the background: ${dashboards.join(', ')}`;
}

function collected(tag: string, before: readonly string[] = []): readonly string[] {
  return [...before, tag];
}
