import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { Command } from 'commander';
import { loadOptions } from '../config/load-options.js';
import { loadConfig } from '../config.js';
import { renderFaults } from '../services/definitions/definition-faults.js';
import type { Definitions } from '../services/definitions/model.js';
import { DEPLOYMENT_CHECKS } from '../services/doctor/checks.js';
import { type DoctorResult, hasFaults } from '../services/doctor/run-checks.js';
import { CommandFailure } from './command-failure.js';
import { examine } from './doctor.js';
import { doctorLines } from './doctor-lines.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { type Inspection, inspectDefinitions } from './inspect-definitions.js';
import { counted } from './readable-figures.js';
import type { Terminal } from './terminal.js';

export function validateCommand(terminal: Terminal): Command {
  return new Command('validate')
    .description('Check the definitions of a folder as a start would, queries included')
    .argument('[folder]', 'folder of the definitions (default: DASHCACHE_CONFIG, else dashboards)')
    .option('--deployment', 'also ask Redis and the sources what doctor asks them, before anything runs')
    .option('--json', 'print what was found as JSON')
    .addHelpText(
      'after',
      `
Prints every fault with its place, and what has no effect because a file says otherwise.

Examples:
  dashcache validate
  dashcache validate ./dashboards --json
  dashcache validate --deployment`,
    )
    .action((folder: string | undefined, options: ValidateOptions) => validate(folder, options, terminal));
}

interface ValidateOptions {
  readonly deployment?: true;
  readonly json?: true;
}

async function validate(
  given: string | undefined,
  { deployment, json }: ValidateOptions,
  terminal: Terminal,
): Promise<void> {
  const config = loadConfig(undefined, given ? { DASHCACHE_CONFIG: given } : {});
  if (given && !statSync(given, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandFailure(`${given} is no folder`, EXIT.usage);
  }
  // Faults name files as a person would type them from here.
  const folder = relative(process.cwd(), config.configFolder) || '.';
  const shown = folder.startsWith('..') ? config.configFolder : folder;
  const inspection = await inspectDefinitions(shown, loadOptions(config));
  const examined = deployment
    ? await examine({ config, service: null, checks: DEPLOYMENT_ONLY, terminal })
    : null;
  const isFaulty = examined !== null && hasFaults(examined);
  const exitCode = exitCodeOf(inspection, isFaulty);
  if (json) terminal.out(JSON.stringify(jsonOf(inspection, examined), null, 2));
  else {
    if (examined) for (const line of findingLines(examined, terminal.colors)) terminal.out(line);
    for (const line of linesOf(inspection, { isFaulty, colors: terminal.colors })) terminal.out(line);
  }
  if (exitCode !== EXIT.fine) throw new CommandFailure('', exitCode);
}

/** What the inspection finds itself is told by it alone. */
const OF_INSPECTION = ['definitions-valid', 'settings-shadowed', 'dependencies-unknown', 'feed-tables'];
const DEPLOYMENT_ONLY = DEPLOYMENT_CHECKS.filter(({ id }) => !OF_INSPECTION.includes(id));

function exitCodeOf({ faults, absent }: Inspection, isFaulty: boolean): ExitCode {
  if (faults.length > 0 || isFaulty) return EXIT.findings;
  return absent.length > 0 ? EXIT.environment : EXIT.fine;
}

function jsonOf(
  { definitions, faults, warnings, absent }: Inspection,
  examined: DoctorResult | null,
): object {
  return {
    ok: faults.length === 0 && absent.length === 0 && !(examined && hasFaults(examined)),
    dashboards: definitions?.dashboards.size ?? null,
    panels: definitions && panelsCount(definitions),
    faults: faults.map(({ place, message, hint }) => ({ ...place, message, hint: hint ?? null })),
    warnings,
    absent,
    ...(examined && { deployment: examined }),
  };
}

/** Without the verdict, which is that of all. */
function findingLines(examined: DoctorResult, colors: Terminal['colors']): string[] {
  return doctorLines(examined, colors).slice(0, -1);
}

function linesOf(
  { definitions, faults, warnings, absent }: Inspection,
  { isFaulty, colors }: { readonly isFaulty: boolean; readonly colors: Terminal['colors'] },
): string[] {
  const lines: string[] = [];
  if (faults.length > 0) lines.push(colored(renderFaults(faults), colors), '');
  for (const warning of warnings) lines.push(`${colors.yellow('warning:')} ${warning}`);
  for (const { source, reason } of absent) {
    lines.push(
      `${colors.yellow('not checked:')} the queries of source ${source}, which does not answer${reason ? `: ${reason}` : ''}`,
    );
  }
  if (definitions) {
    const panels = counted(panelsCount(definitions), 'panel');
    lines.push(`${counted(definitions.dashboards.size, 'dashboard')}, ${panels}`);
  }
  if (faults.length > 0) lines.push(colors.red(`✗ ${counted(faults.length, 'fault')}`));
  else if (isFaulty) lines.push(colors.red('✗ Not ready to be deployed'));
  else if (absent.length > 0) lines.push(colors.yellow('✗ Not everything could be checked'));
  else lines.push(colors.green('✓ All checks passed!'));
  return lines;
}

function panelsCount({ dashboards }: Definitions): number {
  return [...dashboards.values()].reduce((count, { panels }) => count + panels.size, 0);
}

function colored(text: string, colors: Terminal['colors']): string {
  return text
    .replace(
      /^(\S.*:\d+:\d+): error:/gm,
      (_, place: string) => `${colors.bold(place)}: ${colors.red('error:')}`,
    )
    .replace(/^help:/gm, colors.cyan('help:'));
}
