import { type Dirent, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Language } from './syntax.js';

/** What others have written, and what was done once. */
const SKIPPED_FOLDERS =
  /^(\..*|node_modules|bower_components|__pycache__|site-packages|venv|virtualenv|migrations)$/;

export interface SourceFile {
  readonly path: string;
  readonly language: Language;
}

/** A folder that could not be read. */
export interface UnreadFolder {
  readonly path: string;
  readonly error: unknown;
}

/** The files of Python and TypeScript below a folder, by name; links are not followed, migrations and packages left out. */
export function sourceFiles(folder: string): Iterable<SourceFile | UnreadFolder> {
  return basename(folder) === 'migrations' ? [] : filesBelow(folder);
}

function* filesBelow(folder: string): Generator<SourceFile | UnreadFolder> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    yield { path: folder, error };
    return;
  }
  // A virtual environment, whatever its name.
  if (entries.some(({ name }) => name === 'pyvenv.cfg')) return;
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const language = languageOf(entry);
    if (language) yield { path, language };
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.test(entry.name)) yield* filesBelow(path);
  }
}

/** Of a regular file by its name; null where it is neither. */
function languageOf(entry: Dirent): Language | null {
  if (!entry.isFile() || /\.d\.[cm]?ts$/.test(entry.name)) return null;
  if (entry.name.endsWith('.py')) return 'python';
  if (/\.[cm]?ts$/.test(entry.name)) return 'typescript';
  return entry.name.endsWith('.tsx') ? 'tsx' : null;
}
