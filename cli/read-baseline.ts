import { readFile, rename, writeFile } from 'node:fs/promises';
import { Value } from '@sinclair/typebox/value';
import { type Baseline, BaselineSchema } from '../services/report/baseline.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

export const BASELINE_FILE = 'dashcache-baseline.json';

/** The stored baseline; null where none is named and none is in this folder. */
export async function readBaseline(named: string | undefined): Promise<Baseline | null> {
  const file = named ?? BASELINE_FILE;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (named === undefined && error.code === 'ENOENT') return null;
    throw new CommandFailure(
      `The baseline cannot be read from ${file} (${error.code}): measure it with \`dashcache report baseline\``,
      EXIT.usage,
      error,
    );
  });
  if (text === null) return null;
  const baseline = parsed(text);
  if (Value.Check(BaselineSchema, baseline)) return baseline;
  throw new CommandFailure(
    `${file} is no baseline that this version knows: measure it again with \`dashcache report baseline\``,
    EXIT.usage,
  );
}

/** Whole or not at all: a report may be made at the same time. */
export async function writeBaseline(file: string, baseline: Baseline): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await writeFile(unfinished, `${JSON.stringify(baseline, null, 2)}\n`);
    await rename(unfinished, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      `The baseline cannot be written to ${file} (${code}): name another file with --baseline`,
      EXIT.environment,
      error,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
