// `npm run demo:postgres`: the dashboards of the demo, unchanged, on a real PostgreSQL.
import { EXIT } from '../cli/exit-codes.js';
import { runCommand } from '../cli/run-command.js';
import { processTerminal } from '../cli/terminal.js';
import { loadConfig } from '../config.js';
import { preparePostgresDemo } from './postgres/prepare-postgres-demo.js';

async function servePostgres(words: readonly string[]): Promise<number> {
  try {
    const { dataDir } = loadConfig();
    const progress = processTerminal.err;
    // The server ends with this process.
    const { definitionsFolder } = await preparePostgresDemo({ dataDir, nowMs: Date.now(), progress });
    return await runCommand(['serve', '--config', definitionsFolder, ...words], processTerminal);
  } catch (error) {
    processTerminal.err(error instanceof Error ? error.message : String(error));
    return EXIT.environment;
  }
}

process.exitCode = await servePostgres(process.argv.slice(2));
