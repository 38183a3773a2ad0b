import { Argument, Command, InvalidArgumentError } from 'commander';
import { rollOutChecklist } from '../services/report/roll-out-checklist.js';
import { type SuccessReport, successReport } from '../services/report/success-report.js';
import {
  type EnabledStatisticsBody,
  PeriodsBodySchema,
  StatisticsBodySchema,
} from '../services/statistics/report-schema.js';
import { checklistMarkdown } from './checklist-markdown.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { readBaseline } from './read-baseline.js';
import { type BaselineOptions, reportBaseline, withBaselineLimits } from './report-baseline.js';
import { reportLines } from './report-lines.js';
import { reportMarkdown } from './report-markdown.js';
import { seenService } from './seen-service.js';
import { type ServiceClient, withService } from './service-client.js';
import { asksService } from './service-options.js';
import type { Terminal } from './terminal.js';

interface ReportOptions extends BaselineOptions {
  readonly since?: string;
  readonly markdown?: true;
  readonly checklist?: true;
}

export function reportCommand(terminal: Terminal): Command {
  const command = new Command('report')
    .description('Show what the cache has brought: baseline, target and actual, by day and by week')
    .addArgument(new Argument('[action]', 'measure the baseline instead').choices(['baseline']))
    .option('--since <date>', 'day of the roll-out, in UTC; default: the first that is known', dateText)
    .option('--baseline <file>', 'where the baseline is kept (default: dashcache-baseline.json)')
    .option('--markdown', 'print it as Markdown')
    .option('--checklist', 'the checklist of the roll-out, ticked as far as a machine can see, as Markdown');
  withBaselineLimits(command)
    .addHelpText(
      'after',
      `
\`report baseline\` reads real addresses beside the cache, one at a time, and stores in a file what that
took. They come from an access log (common, combined, or LOG_FILE of dashcache), or else are the panels
that are read, as often as they are. It wants the credential of an administrator.

It ends with 1 when a target is missed. What was not measured is no target that was missed.

Examples:
  dashcache report baseline --log access.log --rate 30/min --for 1h
  dashcache report baseline --share 2
  dashcache report --since 2026-11-16
  dashcache report --checklist > checklist.md`,
    )
    .action((action: 'baseline' | undefined, options: ReportOptions) =>
      action === 'baseline' ? reportBaseline(options, terminal) : report(options, terminal),
    );
  return asksService(command);
}

async function report(options: ReportOptions, terminal: Terminal): Promise<void> {
  await withService(options, async (service) => {
    const { made, statistics } = await madeReport(service, options);
    if (options.checklist) {
      const seen = await seenService(service, { report: made, statistics, terminal });
      printAnswer(terminal, { body: { sections: rollOutChecklist(seen) }, json: options.json }, (body) =>
        checklistMarkdown(body.sections, made.since),
      );
    } else {
      printAnswer(terminal, { body: made, json: options.json }, (body) =>
        options.markdown ? reportMarkdown(body) : reportLines(body, terminal.colors),
      );
    }
    if (made.missed.length > 0) throw new CommandFailure('', EXIT.findings);
  });
}

async function madeReport(
  service: ServiceClient,
  { since, baseline }: ReportOptions,
): Promise<{ made: SuccessReport; statistics: EnabledStatisticsBody }> {
  const query = since === undefined ? '' : `?since=${since}T00:00:00Z`;
  const [statistics, history] = await Promise.all([
    service.ask({ path: '/reports/cache-statistics/', answer: StatisticsBodySchema }),
    service.ask({ path: `/reports/cache-periods${query}`, answer: PeriodsBodySchema }),
  ]);
  if (!statistics.enabled || !history.enabled) {
    throw new CommandFailure(
      'Nothing is measured: the service runs with CACHE_MONITORING=false. Set it to true and restart',
      EXIT.environment,
    );
  }
  const { targets } = statistics;
  return { made: successReport({ targets, history, baseline: await readBaseline(baseline) }), statistics };
}

function dateText(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  // Date.parse takes 31 February for a day of March.
  if (isDate && new Date(text).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError('A day is written as 2026-11-16.');
}
