import { Argument, Command } from 'commander';
import { type SwitchBody, SwitchedSchema, SwitchStatesSchema } from '../services/switches/switch-schema.js';
import { acknowledged } from './acknowledged.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import { printAnswer } from './print-answer.js';
import { withService } from './service-client.js';
import { asksService, type ServiceOptions } from './service-options.js';
import { effectLines, statesLines } from './switch-lines.js';
import type { Terminal } from './terminal.js';

interface SwitchOptions extends ServiceOptions {
  readonly dashboard?: string;
  readonly panel?: string;
}

export function switchCommand(terminal: Terminal): Command {
  const command = new Command('switch')
    .description('Switch the cache off or on, for all or a part; show what is off')
    .addArgument(
      new Argument('[state]', 'what to switch to; without it, what is off is shown').choices(['on', 'off']),
    )
    .option('--dashboard <id>', 'only this dashboard')
    .option('--panel <id>', 'only this panel of the dashboard: metrics, summary or charts/<name>')
    .addHelpText(
      'after',
      `
While off, every read asks its source; readers who come together still share one load. Switching on
never serves what was stored before. The widest switch that is off wins, and CACHE_ENABLED=false
wins over all of them.

Examples:
  dashcache switch
  dashcache switch off --dashboard operations --panel charts/tasks
  dashcache switch on`,
    )
    .action((state: 'on' | 'off' | undefined, options: SwitchOptions) =>
      state === undefined ? showStates(options, terminal) : turn(state === 'on', options, terminal),
    );
  return asksService(command);
}

async function showStates(options: SwitchOptions, terminal: Terminal): Promise<void> {
  if (options.dashboard !== undefined || options.panel !== undefined) {
    throw new CommandFailure(
      '--dashboard and --panel want to know whether on or off; `dashcache switch` alone shows all that is off',
      EXIT.usage,
    );
  }
  const body = await withService(options, (service) =>
    service.ask({ path: '/cache/switch', answer: SwitchStatesSchema }),
  );
  printAnswer(terminal, { body, json: options.json }, (states) => statesLines(states, terminal.colors));
}

async function turn(enabled: boolean, options: SwitchOptions, terminal: Terminal): Promise<void> {
  const { dashboard, panel, json } = options;
  const wanted: SwitchBody = {
    enabled,
    ...(dashboard !== undefined && { dashboard }),
    ...(panel !== undefined && { panel }),
  };
  const body = await withService(options, (service) =>
    service.ask({ method: 'PUT', path: '/cache/switch', body: wanted, answer: SwitchedSchema }),
  );
  printAnswer(terminal, { body, json }, (switched) => {
    const word = enabled ? terminal.colors.green('on') : terminal.colors.yellow('off');
    const what = panel !== undefined ? `${panel} of ${dashboard}` : (dashboard ?? 'everything');
    return [
      `Switched ${word} for ${what}: ${acknowledged(switched, { waited: true })}`,
      ...effectLines(switched, wanted),
    ];
  });
}
