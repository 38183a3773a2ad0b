import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { loadOptions } from '../config/load-options.js';
import { loadConfig } from '../config.js';
import { DashcacheError } from '../errors.js';
import {
  type AuditLimits,
  type AuditOutcome,
  type AuditResult,
  runAudit,
} from '../services/audit/run-audit.js';
import { SourceTruth } from '../services/audit/source-truth.js';
import { systemClock } from '../services/clock.js';
import { loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions } from '../services/definitions/model.js';
import { silentLog } from '../services/log.js';
import { openSources } from '../services/sources/open-sources.js';
import { type AuditLimitOptions, withAuditLimits } from './audit-limits.js';
import { auditLines } from './audit-lines.js';
import { AuditedService } from './audited-service.js';
import { CommandFailure } from './command-failure.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { Progress } from './progress.js';
import { counted, readableCount } from './readable-figures.js';
import { type ServiceClient, withServices } from './service-client.js';
import { SERVICE_GROUP } from './service-options.js';
import type { Terminal } from './terminal.js';

interface AuditOptions extends AuditLimitOptions {
  readonly json?: true;
}

const SEEDS_COUNT = 1_000_000;

export function auditCommand(terminal: Terminal): Command {
  const command = new Command('audit')
    .description('Hold what replicas answer against the source, as an outside observer')
    .argument('[folder]', 'folder of the definitions that they serve (DASHCACHE_CONFIG)')
    .helpGroup(SERVICE_GROUP);
  return withAuditLimits(command)
    .option('--json', 'print all that was found as JSON')
    .addHelpText(
      'after',
      `
Each sample is a panel with the default parameters, for one tenant. Every replica is read as a browser
reads it, so these reads count in its statistics and may cause loads; and the source itself is asked, by one
query at a time. Needs the definitions and the data where the service has them. It ends with 1 when a read
was not within the bound.

Examples:
  dashcache audit
  dashcache audit ./dashboards --url http://10.0.0.7:8000 --url http://10.0.0.8:8000 --for 10m`,
    )
    .action((folder: string | undefined, options: AuditOptions) => audit(folder, options, terminal));
}

async function audit(folder: string | undefined, options: AuditOptions, terminal: Terminal): Promise<void> {
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandFailure(`${folder} is no folder`, EXIT.usage);
  }
  const config = loadConfig(undefined, folder === undefined ? {} : { DASHCACHE_CONFIG: folder });
  const definitions = await loadDefinitions(config.configFolder, loadOptions(config));
  const limits: AuditLimits = {
    samplesCount: options.sample,
    forMs: options.for,
    everyMs: options.rate,
    seed: options.seed ?? Math.floor(Math.random() * SEEDS_COUNT),
  };
  const { result, failure } = await withServices(options.url ?? [], (services, interrupted) =>
    auditServices({ definitions, services, limits, interrupted, terminal }),
  );
  // Where nothing was found yet, the failure says all.
  if (failure !== null && result.reads === 0) throw failure;
  printAnswer(terminal, { body: result, json: options.json }, (body) => auditLines(body, terminal.colors));
  if (failure !== null && !(failure instanceof CommandFailure)) throw failure;
  const exitCode = exitCodeOf(result, failure);
  if (exitCode !== EXIT.fine) throw new CommandFailure(result.ended_early ?? '', exitCode, failure);
}

async function auditServices(asked: {
  readonly definitions: Definitions;
  readonly services: readonly ServiceClient[];
  readonly limits: AuditLimits;
  readonly interrupted: AbortSignal;
  readonly terminal: Terminal;
}): Promise<AuditOutcome> {
  const { definitions, services, limits, interrupted, terminal } = asked;
  const observer = { sourceQuery: () => {} };
  const sources = openSources(definitions, { observer, log: silentLog, clock: systemClock });
  const progress = new Progress(terminal);
  try {
    const outcome = await runAudit(
      {
        definitions,
        replicas: services.map((service) => new AuditedService(service)),
        truth: new SourceTruth({ sources, signal: interrupted }),
        clock: systemClock,
        pause: async (ms) => void (await sleep(ms, undefined, { signal: interrupted })),
        tell: ({ samples, samplesCount, violations }) =>
          progress.tell(
            `${readableCount(samples)}/${counted(samplesCount, 'sample')}, ${counted(violations, 'violation')}`,
            { done: samples, total: samplesCount },
          ),
      },
      limits,
    );
    return interrupted.aborted ? interruptedOutcome(outcome) : outcome;
  } catch (error) {
    if (!(error instanceof DashcacheError)) throw error;
    throw new CommandFailure(`The source cannot be asked: ${error.message}`, EXIT.environment, error);
  } finally {
    progress.end();
    await Promise.all([...sources.values()].map((source) => source.close()));
  }
}

/** Whatever the signal broke off, it is the person who ended it. */
function interruptedOutcome({ result }: AuditOutcome): AuditOutcome {
  const failure = new CommandFailure('Interrupted', EXIT.interrupted);
  return { result: { ...result, ended_early: failure.message }, failure };
}

/** What was found counts for more than what could not be asked. */
function exitCodeOf(
  { violations, source_away, reads }: AuditResult,
  failure: CommandFailure | null,
): ExitCode {
  if (failure?.exitCode === EXIT.interrupted) return failure.exitCode;
  if (violations.length > 0) return EXIT.findings;
  if (failure) return failure.exitCode;
  return source_away || reads === 0 ? EXIT.environment : EXIT.fine;
}
