import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How a project is compiled that uses the client in a browser: it has nothing of Node. */
export const CLIENT_COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  types: [],
  module: 'ESNext',
  moduleResolution: 'Bundler',
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
};

/** What the compiler of the tree says of the project in a folder; empty when it finds nothing. */
export function compiled(folder: string): Promise<string> {
  const program = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [program, '-p', folder], (_error, stdout) => resolve(stdout));
  });
}
