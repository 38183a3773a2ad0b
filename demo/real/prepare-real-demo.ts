import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { definitionsFolder } from '../definitions-folder.js';

const FILES = ['birdstrikes.csv', 'airports.csv'];

export interface PrepareRealDemoOptions {
  readonly dataDir: string;
  readonly progress: (line: string) => void;
  /** Where vega-datasets keeps its files; default: the installed package. */
  readonly datasetsFolder?: string;
}

/**
 * Copies the data files of the vega-datasets package into `dataDir`, unless they are there already, and says where the
 * dashboards over them are. Rejects with what to do when the package is not installed.
 */
export async function prepareRealDemo(
  options: PrepareRealDemoOptions,
): Promise<{ definitionsFolder: string }> {
  const dataDir = resolve(options.dataDir);
  const from = options.datasetsFolder ?? datasetsFolder();
  await mkdir(dataDir, { recursive: true });
  for (const name of FILES) {
    if (await copyWhenDifferent(join(from, name), join(dataDir, name)))
      options.progress(`Copied ${name} from vega-datasets into ${dataDir}`);
  }
  return { definitionsFolder: definitionsFolder('demo/real/dashboards') };
}

function datasetsFolder(): string {
  try {
    return fileURLToPath(new URL('../data', import.meta.resolve('vega-datasets')));
  } catch (cause) {
    throw missing(cause);
  }
}

/** A file that is the same stays as it is: a running service would take a new one for new data. */
async function copyWhenDifferent(from: string, to: string): Promise<boolean> {
  const wanted = await readFile(from).catch((cause: unknown) => {
    throw missing(cause);
  });
  const present = await readFile(to).catch(() => null);
  if (present?.equals(wanted)) return false;
  const temporary = `${to}.${randomUUID()}.tmp`;
  try {
    await copyFile(from, temporary);
    await rename(temporary, to);
  } finally {
    await rm(temporary, { force: true });
  }
  return true;
}

function missing(cause: unknown): Error {
  return new Error(
    'The real data come with the package vega-datasets, a development dependency that is not installed here: ' +
      'run `npm install` in a clone of the project, without leaving out development dependencies',
    { cause },
  );
}
