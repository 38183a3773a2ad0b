import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDemo } from '../prepare-demo.js';
import { copyOperations } from './copy-operations.js';
import { type EmbeddedServer, startEmbeddedServer } from './embedded-server.js';

export interface PreparePostgresDemoOptions {
  readonly dataDir: string;
  readonly nowMs: number;
  readonly progress: (line: string) => void;
  /** Share of the full row counts, for tests. */
  readonly scale?: number;
}

export interface PreparedPostgresDemo {
  readonly definitionsFolder: string;
  readonly server: EmbeddedServer;
}

/**
 * Starts a PostgreSQL, fills it with the data of the demo, and makes a folder where the demo's dashboards stand beside a
 * dashcache.yaml that names this server: they themselves are the same files. Whoever asks stops the server.
 */
export async function preparePostgresDemo(
  options: PreparePostgresDemoOptions,
): Promise<PreparedPostgresDemo> {
  const { progress } = options;
  const server = await startEmbeddedServer();
  try {
    const { databasePath, definitionsFolder: original } = await prepareDemo(options);
    progress('Copying the demo into PostgreSQL');
    await copyOperations({ databasePath, server, progress: (line) => progress(`  ${line}`) });
    const definitionsFolder = join(server.folder, 'dashboards');
    await mkdir(definitionsFolder);
    // The password stands in it; the folder goes with the server.
    await writeFile(join(definitionsFolder, 'dashcache.yaml'), dashcacheYaml(server.url), { mode: 0o600 });
    await copyFile(join(original, 'operations.yaml'), join(definitionsFolder, 'operations.yaml'));
    return { definitionsFolder, server };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function dashcacheYaml(url: string): string {
  return `sources:
  main: { type: postgres, url: "${url}" }
defaults:
  grace: 1h
  stale_if_error: 24h
`;
}
