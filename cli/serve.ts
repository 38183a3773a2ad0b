import { Command, InvalidArgumentError } from 'commander';
import { type Config, ConfigFaults, loadConfig } from '../config.js';
import { type Address, ListenFault } from '../server.js';
import { FirstWorkerEnded } from '../services/workers/worker-group.js';
import { absentDefinitions } from './absent-definitions.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { hasDemo } from './has-demo.js';
import { startServing } from './serve-workers.js';
import type { Terminal } from './terminal.js';

interface ServeOptions {
  readonly demo?: true;
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly json?: true;
}

export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('Serve the dashboards of a folder')
    .option('--demo', 'generate the demo data once and serve its dashboards')
    .option('--port <number>', 'port to listen on (PORT)', portText)
    .option('--host <address>', 'address to listen on (HOST)')
    .option('--config <folder>', 'folder of the definitions (DASHCACHE_CONFIG)')
    .option('--json', 'print the addresses to open as one line of JSON')
    .addHelpText(
      'after',
      `
Everything else is set in the environment, see .env.example.

Examples:
  dashcache serve --demo                  a look at it, with generated data
  dashcache serve --config ./dashboards   your own dashboards
  REDIS_URL=redis://localhost dashcache serve`,
    )
    .action((options: ServeOptions) => serve(options, terminal));
}

async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const config = options.demo ? await demoConfig(options, terminal) : await definedConfig(options);
  try {
    announce(await startServing(config), options, terminal);
  } catch (error) {
    if (error instanceof ListenFault || error instanceof FirstWorkerEnded)
      throw new CommandFailure(error.message, EXIT.environment, error);
    throw error;
  }
}

/** For a program that asked, and for a person who watches or looks at the demo; the log of a service gets neither. */
function announce(addresses: readonly Address[], { json, demo }: ServeOptions, terminal: Terminal): void {
  // A worker leaves that to the process that started it.
  if (addresses.length === 0) return;
  const lines = addresses.map(({ label, url }) => `${label.padEnd(16)}${terminal.colors.cyan(url)}`);
  if (json) terminal.out(JSON.stringify({ addresses }));
  else if (terminal.watched) terminal.out(lines.join('\n'));
  else if (demo) terminal.err(lines.join('\n'));
}

/** Options stand for variables, so that a fault in one is told like any other. */
function overridesOf({ port, host, config }: ServeOptions): Record<string, string> {
  return {
    ...(port !== undefined && { PORT: port }),
    ...(host !== undefined && { HOST: host }),
    ...(config !== undefined && { DASHCACHE_CONFIG: config }),
  };
}

/** The settings, once there is something to serve with them; what is wrong with both is told at once. */
async function definedConfig(options: ServeOptions): Promise<Config> {
  const read = configOrFaults(options);
  const absent = read.configFolder === null ? null : await absentDefinitions(read.configFolder);
  if (absent !== null) {
    const faults = read instanceof ConfigFaults ? `${read.message}\n\n` : '';
    throw new CommandFailure(`${faults}${absent}`, EXIT.environment);
  }
  if (read instanceof ConfigFaults) throw read;
  return read;
}

function configOrFaults(options: ServeOptions): Config | ConfigFaults {
  try {
    return loadConfig(undefined, overridesOf(options));
  } catch (error) {
    if (error instanceof ConfigFaults) return error;
    throw error;
  }
}

async function demoConfig(options: ServeOptions, terminal: Terminal): Promise<Config> {
  if (!hasDemo())
    throw new CommandFailure(
      'This installation has no demo, as container images have not: npx dashcache serve --demo shows it',
      EXIT.environment,
    );
  const config = loadConfig(undefined, overridesOf(options));
  // Loaded only when asked for: a service on real data never needs the generator.
  const { prepareDemo } = await import('../demo/prepare-demo.js');
  const { definitionsFolder } = await prepareDemo({
    dataDir: config.dataDir,
    nowMs: Date.now(),
    progress: terminal.err,
  });
  if (config.explicit.has('DASHCACHE_CONFIG')) return config;
  return loadConfig(undefined, { ...overridesOf(options), DASHCACHE_CONFIG: definitionsFolder });
}

function portText(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
