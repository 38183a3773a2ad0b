import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A hash over all that decides what a build of the image gives: what .dockerignore lets in, the Dockerfile, and the base. */
export function inputsHash(root: string, baseId: string): string {
  const hash = createHash('sha256').update(baseId);
  for (const path of ['Dockerfile', '.dockerignore', ...inputPaths(root)].sort()) {
    const content = createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex');
    hash.update(`\n${path} ${content}`);
  }
  return hash.digest('hex');
}

/** The files that the lines `!path`, `!folder` and `!*.end` of .dockerignore let into the build. */
function inputPaths(root: string): string[] {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1).trim())
    .flatMap((pattern) => {
      if (pattern.startsWith('*')) return readdirSync(root).filter((name) => name.endsWith(pattern.slice(1)));
      if (!statSync(join(root, pattern)).isDirectory()) return [pattern];
      return readdirSync(join(root, pattern), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    });
}
