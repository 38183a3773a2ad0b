import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { Command } from 'commander';
import { loadOptions } from '../config/load-options.js';
import { redisTopologyOf } from '../config/redis-topology.js';
import { type Config, isLoopback, loadConfig } from '../config.js';
import type { AskedService } from '../services/doctor/asked-service.js';
import type { Check } from '../services/doctor/check.js';
import { CHECKS } from '../services/doctor/checks.js';
import type { DoctorSettings } from '../services/doctor/facts.js';
import { gatherFacts } from '../services/doctor/gather-facts.js';
import { type DoctorResult, hasFaults, runChecks } from '../services/doctor/run-checks.js';
import { CommandFailure } from './command-failure.js';
import { doctorLines } from './doctor-lines.js';
import { DoctoredService } from './doctored-service.js';
import { EXIT } from './exit-codes.js';
import { packageVersion } from './package-root.js';
import { printAnswer } from './print-answer.js';
import { withServices } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import type { Terminal } from './terminal.js';

export function doctorCommand(terminal: Terminal): Command {
  const command = new Command('doctor')
    .description('Look a running service over: Redis, sources, definitions, figures, process')
    .argument('[folder]', 'folder of the definitions that it serves (DASHCACHE_CONFIG)')
    .addHelpText(
      'after',
      `
Every finding has what was seen and what to do. Run it where the service runs, with its settings: Redis and
the sources are asked directly, as the service asks them; nothing is changed. What could not be looked at is
said, and is not fine. It ends with 1 when there is an error or a warning.

Examples:
  dashcache doctor
  dashcache doctor ./dashboards --json | jq '.findings[] | .check'`,
    )
    .action((folder: string | undefined, options: ServiceOptions) => doctor(folder, options, terminal));
  return asksService(command);
}

async function doctor(
  folder: string | undefined,
  options: ServiceOptions,
  terminal: Terminal,
): Promise<void> {
  const config = configOf(folder);
  const urls = options.url === undefined ? [] : [options.url];
  const result = await withServices(urls, async ([service], interrupted) => {
    const asked = service ? new DoctoredService(service) : null;
    return examine({ config, service: asked, checks: CHECKS, interrupted, terminal });
  });
  const body = { ok: !hasFaults(result), ...result };
  printAnswer(terminal, { body, json: options.json }, () => doctorLines(result, terminal.colors));
  if (!body.ok) throw new CommandFailure('', EXIT.findings);
}

/** The settings, with the folder that a command was given. */
function configOf(folder: string | undefined): Config {
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandFailure(`${folder} is no folder`, EXIT.usage);
  return loadConfig(undefined, folder === undefined ? {} : { DASHCACHE_CONFIG: folder });
}

/** Gathers what these checks need and makes them; what it asks is told on stderr where somebody watches. */
export async function examine({
  config,
  service,
  checks,
  interrupted = new AbortController().signal,
  terminal,
}: {
  readonly config: Config;
  /** Null before there is one. */
  readonly service: AskedService | null;
  readonly checks: readonly Check[];
  readonly interrupted?: AbortSignal;
  readonly terminal: Pick<Terminal, 'overwrite'>;
}): Promise<DoctorResult> {
  const folder = relative(process.cwd(), config.configFolder) || '.';
  try {
    const gathered = await gatherFacts({
      settings: settingsOf(config),
      redis: redisTopologyOf(config),
      // Faults name files as a person would type them from here.
      folder: folder.startsWith('..') ? config.configFolder : folder,
      loadOptions: loadOptions(config),
      service,
      tell: (what) => terminal.overwrite?.(`asking ${what}`),
      signal: interrupted,
    });
    return runChecks(checks, gathered);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    throw new CommandFailure('Interrupted', EXIT.interrupted, error);
  } finally {
    terminal.overwrite?.('');
  }
}

function settingsOf(config: Config): DoctorSettings {
  return { ...config, isLoopback: isLoopback(config.host), version: packageVersion() };
}
