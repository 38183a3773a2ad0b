import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Absolute path of a folder of definitions of the package, such as `dashboards`. The YAML files are not compiled: from
 * the build, as from the sources, they are found in the first folder above this file that has them.
 */
export function definitionsFolder(relativePath: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, relativePath);
    if (existsSync(join(candidate, 'dashcache.yaml'))) return candidate;
    if (folder === dirname(folder))
      throw new Error(
        `The folder ${relativePath} is missing from this installation; install dashcache again`,
      );
  }
}
