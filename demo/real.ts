// `npm run demo:real`: dashboards over data that nobody here wrote.
import { EXIT } from '../cli/exit-codes.js';
import { runCommand } from '../cli/run-command.js';
import { processTerminal } from '../cli/terminal.js';
import { loadConfig } from '../config.js';
import { prepareRealDemo } from './real/prepare-real-demo.js';

async function serveRealData(words: readonly string[]): Promise<number> {
  try {
    const { dataDir } = loadConfig();
    const { definitionsFolder } = await prepareRealDemo({ dataDir, progress: processTerminal.err });
    return await runCommand(['serve', '--config', definitionsFolder, ...words], processTerminal);
  } catch (error) {
    processTerminal.err(error instanceof Error ? error.message : String(error));
    return EXIT.environment;
  }
}

process.exitCode = await serveRealData(process.argv.slice(2));
