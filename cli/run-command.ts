import { Command, CommanderError, Help } from 'commander';
import { ConfigFaults } from '../config.js';
import { DefinitionFaults } from '../services/definitions/definition-faults.js';
import { IdentityFault } from '../services/identity/open-credentials.js';
import { auditCommand } from './audit.js';
import { changesCommand } from './changes.js';
import { CommandFailure } from './command-failure.js';
import { doctorCommand } from './doctor.js';
import { EXIT } from './exit-codes.js';
import { explainCommand } from './explain.js';
import { flushCommand } from './flush.js';
import { invalidateCommand } from './invalidate.js';
import { optimizeCommand } from './optimize.js';
import { packageVersion } from './package-root.js';
import { reportCommand } from './report.js';
import { serveCommand } from './serve.js';
import { simulateCommand } from './simulate.js';
import { statsCommand } from './stats.js';
import { switchCommand } from './switch.js';
import type { Terminal } from './terminal.js';
import { typesCommand } from './types.js';
import { validateCommand } from './validate.js';
import { warmCommand } from './warm.js';
import { whyCommand } from './why.js';

const HELP_WIDTH = 100;

/** Runs one command line and resolves to the exit code; `serve` resolves once it listens. */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await dashcacheProgram(terminal).parseAsync(words, { from: 'user' });
    return EXIT.fine;
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

function dashcacheProgram(terminal: Terminal): Command {
  const program = new Command('dashcache')
    .description('Makes slow dashboards fast: a caching JSON API in front of SQL, with honest freshness')
    .version(packageVersion())
    .addCommand(serveCommand(terminal))
    .addCommand(validateCommand(terminal))
    .addCommand(typesCommand(terminal))
    .addCommand(changesCommand(terminal))
    .addCommand(optimizeCommand(terminal))
    .addCommand(simulateCommand(terminal))
    .addCommand(doctorCommand(terminal))
    .addCommand(statsCommand(terminal))
    .addCommand(explainCommand(terminal))
    .addCommand(whyCommand(terminal))
    .addCommand(warmCommand(terminal))
    .addCommand(invalidateCommand(terminal))
    .addCommand(flushCommand(terminal))
    .addCommand(switchCommand(terminal))
    .addCommand(reportCommand(terminal))
    .addCommand(auditCommand(terminal))
    .configureHelp({ subcommandTerm: withoutOptions })
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 findings, 2 called wrongly, 3 the surroundings do not allow it',
    );
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError(`(dashcache ${command === program ? '' : `${command.name()} `}--help says how)`)
      .configureOutput({
        writeOut: (text) => terminal.out(text.trimEnd()),
        writeErr: (text) => terminal.err(text.trimEnd()),
        getOutHelpWidth: () => HELP_WIDTH,
        getErrHelpWidth: () => HELP_WIDTH,
      });
  }
  return program;
}

/** Every command has options: that is no news in a list of them. */
function withoutOptions(command: Command): string {
  return new Help().subcommandTerm(command).replace(' [options]', '');
}

/** Says what is wrong, and how the command ends for it. */
function exitCodeOf(error: unknown, terminal: Terminal): number {
  // Help and version end a command too; whatever else commander refuses, it has already said why.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof CommandFailure) {
    if (error.message !== '') terminal.err(error.message);
    return error.exitCode;
  }
  if (error instanceof DefinitionFaults) {
    terminal.err(error.message);
    return EXIT.findings;
  }
  if (error instanceof ConfigFaults || error instanceof IdentityFault) {
    terminal.err(error.message);
    return EXIT.environment;
  }
  terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.environment;
}
