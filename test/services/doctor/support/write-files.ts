import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from '../../../helpers/lifetime.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

/** A folder with these files, removed after the test. */
export function writeFiles(t: Lifetime, files: Readonly<Record<string, string>>): string {
  const folder = tempFolder(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
