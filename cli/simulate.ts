import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { loadOptions } from '../config/load-options.js';
import { type Config, loadConfig } from '../config.js';
import { type AccessLog, readAccessLog } from '../services/access-log.js';
import { loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions } from '../services/definitions/model.js';
import { readChangeLog } from '../services/simulate/change-log.js';
import { FACTORS, type Proposal, propose, type Rung } from '../services/simulate/propose.js';
import { type Simulated, type SimulationOptions, simulate } from '../services/simulate/simulate.js';
import { unknownNames, withTried, withTtlsTimes } from '../services/simulate/tried-policies.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { inspectTables } from './inspect-tables.js';
import { printAnswer } from './print-answer.js';
import { Progress } from './progress.js';
import { simulateLines } from './simulate-lines.js';
import { type SimulateOptions, withSimulateOptions } from './simulate-options.js';
import type { Terminal } from './terminal.js';

/** What `--json` prints. */
export interface SimulationReport {
  /** Instants of the first and the last read. */
  readonly from: string;
  readonly to: string;
  readonly skipped_lines: Readonly<Record<string, number>>;
  readonly declared: Simulated;
  /** Null where nothing else was asked for. */
  readonly tried: Simulated | null;
  /** Null with --no-proposals. */
  readonly proposals: readonly Proposal[] | null;
}

export function simulateCommand(terminal: Terminal): Command {
  const command = new Command('simulate')
    .description('Replay an access log against other ttls, graces and sizes, and propose better ones')
    .argument('<log>', 'access log of a web server, log of the service (LOG_FILE), or `-` for stdin')
    .argument('[folder]', 'folder of the definitions (DASHCACHE_CONFIG)');
  return withSimulateOptions(command)
    .addHelpText(
      'after',
      `
Every read of the log is made again on the cache as it is, on the clock of the log. No source, Redis or
service is asked; sources are only asked which tables panels read, and only with --changes.

Examples:
  dashcache simulate /var/log/nginx/access.log
  dashcache simulate access.log ./dashboards --ttl 10m --ttl operations/metrics=1m --memory 64MiB`,
    )
    .action((log: string, folder: string | undefined, options: SimulateOptions) =>
      runSimulation({ log, folder, options, terminal }),
    );
}

async function runSimulation(asked: {
  readonly log: string;
  readonly folder: string | undefined;
  readonly options: SimulateOptions;
  readonly terminal: Terminal;
}): Promise<void> {
  const { folder, options, terminal } = asked;
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandFailure(`${folder} is no folder`, EXIT.usage);
  const config = loadConfig(undefined, folder === undefined ? {} : { DASHCACHE_CONFIG: folder });
  const definitions = await loadDefinitions(config.configFolder, loadOptions(config));
  const tried = [...(options.ttl ?? []), ...(options.grace ?? []), ...(options.maxStaleness ?? [])];
  const unknown = unknownNames(definitions, tried);
  if (unknown.length > 0) throw new CommandFailure(`There is no panel ${unknown.join(', ')}`, EXIT.usage);
  const log = await readAccessLog(linesOf(asked.log));
  if (log.reads.length === 0)
    throw new CommandFailure(`${asked.log} holds no read of data that was answered`, EXIT.environment);
  const ask = await optionsOf(log, { config, options, definitions });
  const report = await reportOf({ log, definitions, options, tried, ask, progress: new Progress(terminal) });
  if (report.declared.reads === 0)
    throw new CommandFailure(
      `No address of ${asked.log} is one of these definitions: is BASE_PATH set as it was?`,
      EXIT.environment,
    );
  printAnswer(terminal, { body: report, json: options.json }, (body) => simulateLines(body, terminal.colors));
}

type Ask = (definitions: Definitions) => Promise<Simulated>;

async function reportOf({
  log,
  definitions,
  options,
  tried,
  ask,
  progress,
}: {
  readonly log: AccessLog;
  readonly definitions: Definitions;
  readonly options: SimulateOptions;
  readonly tried: Parameters<typeof withTried>[1];
  readonly ask: { readonly simulate: Ask; readonly maxBytes: number };
  readonly progress: Progress;
}): Promise<SimulationReport> {
  const factors = options.proposals ? FACTORS : ([1] as const);
  const rungs: Rung[] = [];
  try {
    for (const [done, factor] of factors.entries()) {
      progress.tell(`ttl x ${factor}`, { done, total: factors.length });
      rungs.push({ factor, simulated: await ask.simulate(withTtlsTimes(definitions, factor)) });
    }
  } finally {
    progress.end();
  }
  const declared = rungs.find(({ factor }) => factor === 1)?.simulated;
  if (!declared) throw new Error('The ttls as declared were not simulated');
  const isOther = tried.length > 0;
  const instantOf = (at: 0 | -1) => new Date(log.reads.at(at)?.atMs ?? 0).toISOString();
  return {
    from: instantOf(0),
    to: instantOf(-1),
    skipped_lines: Object.fromEntries(log.skipped),
    declared,
    tried: isOther ? await ask.simulate(withTried(definitions, tried)) : null,
    proposals: options.proposals ? propose(rungs, ask) : null,
  };
}

async function optionsOf(
  { reads }: AccessLog,
  { config, options, definitions }: { config: Config; options: SimulateOptions; definitions: Definitions },
): Promise<{ simulate: Ask; maxBytes: number }> {
  const isShared = config.redisUrl !== null || config.redisSentinels !== null || config.redisCluster !== null;
  const maxBytes = options.memory ?? (isShared ? config.redisMaxBytes : config.memoryMaxBytes);
  const changes = options.changes === undefined ? [] : await changesOf(options.changes);
  // Panels are told apart by name: each simulation has its own, with other policies.
  const tables = changes.length > 0 ? await inspectTables(definitions) : null;
  const shared: Omit<SimulationOptions, 'definitions'> = {
    reads,
    changes,
    tablesOf: (panel) => tables?.get(`${panel.dashboardId}/${panel.id}`) ?? panel.dependsOn,
    basePath: config.basePath,
    loadMs: options.loadTime,
    maxBytes,
    cachesCount: isShared ? 1 : (options.processes ?? 1),
    random: () => 0.5,
  };
  return { maxBytes, simulate: (asked) => simulate({ ...shared, definitions: asked }) };
}

async function changesOf(file: string) {
  try {
    return await readChangeLog(linesOf(file));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${file}: ${error instanceof Error ? error.message : error}`, EXIT.usage);
  }
}

async function* linesOf(file: string): AsyncIterable<string> {
  if (file !== '-' && !statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new CommandFailure(`There is no file ${file}`, EXIT.usage);
  const input = file === '-' ? process.stdin : createReadStream(file);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
