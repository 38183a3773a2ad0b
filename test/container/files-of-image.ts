import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a package-lock.json says of one package. */
export interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

/** The packages of a lock file by their paths, such as `node_modules/fastify`. */
export function lockedPackages(lockFile: string): ReadonlyMap<string, LockedPackage> {
  const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(lockFile, 'utf8'),
  );
  return new Map(Object.entries(packages).filter(([path]) => path !== ''));
}

/** The packages that are installed below a folder, by their paths. */
export function installedPackages(folder: string, path = 'node_modules'): string[] {
  return foldersOf(join(folder, path)).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const names = name.startsWith('@')
      ? foldersOf(join(folder, path, name)).map((each) => `${name}/${each}`)
      : [name];
    return names.flatMap((each) => [
      `${path}/${each}`,
      ...installedPackages(folder, `${path}/${each}/node_modules`),
    ]);
  });
}

/** Every file and link below a folder, by its path from there; none where there is no folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
