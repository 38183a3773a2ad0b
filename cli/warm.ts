import { Command, InvalidArgumentError } from 'commander';
import { type Warmed, WarmedSchema } from '../services/warming/warming-schema.js';
import { CatalogueSchema } from './catalogue-schema.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { Progress } from './progress.js';
import { counted, readableCount } from './readable-figures.js';
import { type ServiceClient, withService } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';
import { isWarm, type WarmedAll, warmedAll, warmedDashboard } from './warmed.js';
import { warmedLines } from './warmed-lines.js';
import { type Wanted, type Warming, warmings } from './warmings.js';

/** A whole dashboard of slow panels, one tenant: each panel may use its deadline, and they wait for each other. */
const WARMING_DEADLINE_MS = 600_000;

interface WarmOptions extends ServiceOptions {
  readonly panel?: string;
  readonly tenant?: string;
  readonly param?: Readonly<Record<string, string>>;
}

export function warmCommand(terminal: Terminal): Command {
  const command = new Command('warm')
    .description('Load panels before anyone asks, for every tenant')
    .argument('[dashboards...]', 'ids of dashboards (default: all)')
    .option('--panel <id>', 'only this panel: metrics, summary or charts/<name>')
    .option('--tenant <id>', 'only this tenant (default: every one in the options)')
    .option('--param <name=value>', 'value of a parameter; may be repeated (default: its default)', withParam)
    .addHelpText(
      'after',
      `
What is fresh already is not loaded again, and the service keeps to the budget of each source. It
ends with 0 when a read now is answered from the cache for every panel, else with 1.

Examples:
  dashcache warm
  dashcache warm operations --tenant 7 --param period=8w`,
    )
    .action((dashboards: string[], options: WarmOptions) => warm(dashboards, options, terminal));
  return asksService(command);
}

async function warm(dashboards: readonly string[], options: WarmOptions, terminal: Terminal): Promise<void> {
  const { panel, tenant, param, json } = options;
  const wanted: Wanted = { dashboards, panel: panel ?? null, tenant: tenant ?? null, params: param ?? {} };
  const body = await withService(options, (service) => warmAll(service, wanted, terminal));
  printAnswer(terminal, { body, json }, (warmed) => warmedLines(warmed, terminal.colors));
  if (!isWarm(body)) throw new CommandFailure('', EXIT.findings);
}

async function warmAll(service: ServiceClient, wanted: Wanted, terminal: Terminal): Promise<WarmedAll> {
  const catalogue = await service.ask({ path: '/dashboards', answer: CatalogueSchema });
  const progress = new Progress(terminal);
  const done: Warmed[] = [];
  try {
    for (const warming of await warmings(service, catalogue, wanted)) {
      const answers: Warmed[] = [];
      try {
        await warmDashboard(service, warming, { answers, progress });
      } finally {
        done.push(warmedDashboard(warming.dashboard, answers));
      }
    }
    return warmedAll(done);
  } catch (error) {
    const { panels, loaded } = warmedAll(done);
    progress.end();
    if (panels > 0) terminal.err(`Until then: ${counted(panels, 'panel')}, ${readableCount(loaded)} loaded`);
    throw error;
  }
}

/** Tenant by tenant, so that what is told of its progress is true; the answers are kept also where one fails. */
async function warmDashboard(
  service: ServiceClient,
  { dashboard, bodies }: Warming,
  { answers, progress }: { readonly answers: Warmed[]; readonly progress: Progress },
): Promise<void> {
  const total = bodies.length;
  const tell = () => {
    const done = answers.length;
    const panels = counted(warmedDashboard(dashboard, answers).panels, 'panel');
    const tenants = total > 1 ? `${readableCount(done)}/${counted(total, 'tenant')}, ` : '';
    progress.tell(`${dashboard} ${tenants}${done > 0 ? panels : '…'}`, { done, total });
  };
  for (const body of bodies) {
    if (answers.length === 0) tell();
    const asked = { method: 'POST', path: '/cache/warmings', body, answer: WarmedSchema } as const;
    answers.push(await service.ask({ ...asked, deadlineMs: WARMING_DEADLINE_MS }));
    tell();
  }
  progress.end();
}

function withParam(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('A parameter is given as name=value.');
  }
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} has a value already.`);
  return { ...before, [name]: value };
}
