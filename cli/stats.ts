import { Command } from 'commander';
import { StatisticsBodySchema } from '../services/statistics/report-schema.js';
import { printAnswer } from './print-answer.js';
import { withService } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import { statsLines } from './stats-lines.js';
import type { Terminal } from './terminal.js';

interface StatsOptions extends ServiceOptions {
  readonly panels?: true;
}

export function statsCommand(terminal: Terminal): Command {
  const command = new Command('stats')
    .description('Show what the cache measures of itself, and which targets it meets')
    .option('--panels', 'every panel, not only the ten that need attention most')
    .addHelpText(
      'after',
      `
The figures are over all live processes since their start. A target that is missed is shown, and is
no failure.

Examples:
  dashcache stats
  dashcache stats --json | jq .cache_stats.hit_rate`,
    )
    .action((options: StatsOptions) => stats(options, terminal));
  return asksService(command);
}

async function stats(options: StatsOptions, terminal: Terminal): Promise<void> {
  const body = await withService(options, (service) =>
    service.ask({ path: '/reports/cache-statistics/', answer: StatisticsBodySchema }),
  );
  printAnswer(terminal, { body, json: options.json }, (answer) =>
    statsLines(answer, { allPanels: options.panels === true, colors: terminal.colors }),
  );
}
