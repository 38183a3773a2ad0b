import { Argument, Command } from 'commander';
import { loadOptions } from '../config/load-options.js';
import { loadConfig } from '../config.js';
import {
  type InstallationOptions,
  type InstallationStatus,
  installationStatus,
  runStatements,
} from '../services/changes/install/installation.js';
import { type WatchedSource, watchedSource } from '../services/changes/watched-source.js';
import { systemClock } from '../services/clock.js';
import { loadDefinitions } from '../services/definitions/load-definitions.js';
import { AddressFault, readPostgresAddress } from '../services/definitions/postgres-address.js';
import { clientConfig } from '../services/sources/postgres/client-config.js';
import { changesLines, type SourceReport } from './changes-lines.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import type { Terminal } from './terminal.js';

/** Of SQLSTATE. */
const INSUFFICIENT_PRIVILEGE = '42501';

export type ChangesAction = 'status' | 'install' | 'remove';

interface ChangesOptions {
  readonly source?: string;
  readonly url?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export function changesCommand(terminal: Terminal): Command {
  return new Command('changes')
    .description('Install what change feeds need in their databases, remove it, or show it')
    .addArgument(new Argument('<action>', 'what to do').choices(['status', 'install', 'remove']))
    .option('--source <name>', 'only this source')
    .option('--url <url>', 'connect as somebody who may create these things; default: as the feed does')
    .option('--dry-run', 'print the statements as SQL and change nothing')
    .option('--json', 'print what was found and done as JSON')
    .addHelpText(
      'after',
      `
The sources with \`changes\` are taken from the definitions (DASHCACHE_CONFIG). A feed of kind logical
needs a publication, notify an outbox and triggers, poll nothing.

Examples:
  dashcache changes status
  dashcache changes install --dry-run > feeds.sql
  dashcache changes install --source crm --url postgres://owner@db/shop`,
    )
    .action((action: ChangesAction, options: ChangesOptions) => changes(action, options, terminal));
}

async function changes(action: ChangesAction, options: ChangesOptions, terminal: Terminal): Promise<void> {
  const isDry = options.dryRun === true;
  const reports: SourceReport[] = [];
  for (const source of await wantedSources(options)) reports.push(await reportOf(source, action, options));
  printAnswer(terminal, { body: { action, dry_run: isDry, sources: reports }, json: options.json }, () =>
    changesLines(reports, { action, isDry, colors: terminal.colors }),
  );
  const isIncomplete = reports.some(({ faults }) => faults.length > 0);
  if (isIncomplete && action !== 'remove' && !isDry) throw new CommandFailure('', EXIT.findings);
}

async function wantedSources({ source: wanted, url }: ChangesOptions): Promise<readonly WatchedSource[]> {
  const config = loadConfig();
  const definitions = await loadDefinitions(config.configFolder, loadOptions(config));
  const all = [...definitions.sources.values()].flatMap((source) => watchedSource(source) ?? []);
  const sources = all.filter(({ name }) => wanted === undefined || name === wanted);
  if (sources.length === 0)
    throw new CommandFailure(
      wanted === undefined
        ? 'No source declares `changes`'
        : `There is no source ${wanted} that declares \`changes\``,
      EXIT.usage,
    );
  if (url !== undefined && sources.length > 1)
    throw new CommandFailure('--url is for one database: name it with --source', EXIT.usage);
  return sources;
}

/** The address of --url means what it means in the definitions; only for its password the driver also looks where psql would. */
function databaseAt(url: string): InstallationOptions['database'] {
  try {
    const address = readPostgresAddress(url, process.cwd());
    return async () => {
      const { password, ...config } = await clientConfig(address);
      return address.password === '' ? config : { ...config, password };
    };
  } catch (error) {
    if (!(error instanceof AddressFault)) throw error;
    throw new CommandFailure(`--url: ${error.message}; ${error.hint}`, EXIT.usage);
  }
}

/** Looks, does what is asked for, and looks again. */
async function reportOf(
  { name, changes: declared, database }: WatchedSource,
  action: ChangesAction,
  { url, dryRun }: ChangesOptions,
): Promise<SourceReport> {
  const options: InstallationOptions = {
    source: name,
    changes: declared,
    database: url === undefined ? database : databaseAt(url),
    clock: systemClock,
  };
  // What is installed is for the role that the service connects as.
  const role = (await database()).user ?? null;
  try {
    const found = await installationStatus(options, role);
    const statements = action === 'status' ? found.install : found[action];
    const isDone = action !== 'status' && !dryRun && statements.length > 0;
    if (isDone) await runStatements(options, statements);
    const { faults }: InstallationStatus = isDone ? await installationStatus(options, role) : found;
    return { source: name, feed: declared.feed, faults, statements };
  } catch (error) {
    throw new CommandFailure(`The database of ${name}: ${reasonOf(error)}`, EXIT.environment, error);
  }
}

/** PostgreSQL names the one thing that it has refused; what helps is somebody else. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error) || error.code !== INSUFFICIENT_PRIVILEGE) return error.message;
  return `${error.message}. Nothing was changed: give --url the address of somebody who may, or have the output of --dry-run run`;
}
