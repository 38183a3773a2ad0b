import { stat } from 'node:fs/promises';
import type { DuckdbSourceDefinition } from '../../definitions/source-definitions.js';

/** Path -> what a file is recognised by; null when it is not there. Equal marks: nobody has replaced it. */
export type FileMarks = ReadonlyMap<string, string | null>;

/** The files a source is made of. */
export function markedFiles(definition: DuckdbSourceDefinition): readonly string[] {
  const { path, files } = definition;
  return [...(path === null ? [] : [path]), ...files.values()];
}

export async function fileMarks(definition: DuckdbSourceDefinition): Promise<FileMarks> {
  const paths = [...new Set(markedFiles(definition))];
  return new Map(await Promise.all(paths.map(async (path) => [path, await markOf(path)] as const)));
}

export function sameMarks(one: FileMarks, other: FileMarks): boolean {
  return [...one].every(([path, mark]) => other.get(path) === mark);
}

export function missingFile(marks: FileMarks): string | null {
  for (const [path, mark] of marks) if (mark === null) return path;
  return null;
}

async function markOf(path: string): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}`;
  } catch {
    // Whatever keeps it from being looked at keeps it from being read.
    return null;
  }
}
