import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The first version with `exists` and `existsBy`; `exist` before it was another name. */
const FIRST: readonly [major: number, minor: number, patch: number] = [0, 3, 20];

/** Why the TypeORM of a project may be without `exists`; null where it has it, or where no version is to be found. */
export class TypeOrmVersions {
  readonly #byFolder = new Map<string, string | null>();

  tooOldIn(folder: string): string | null {
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const asked = askedVersion(folder);
    const parent = dirname(folder);
    const answer =
      asked === null ? (parent === folder ? null : this.tooOldIn(parent)) : judged(folder, asked);
    this.#byFolder.set(folder, answer);
    return answer;
  }
}

/** What the package.json of a folder asks for; null where it asks for no TypeORM. */
function askedVersion(folder: string): string | null {
  const manifest = manifestOf(join(folder, 'package.json'));
  for (const field of ['dependencies', 'devDependencies', 'peerDependencies']) {
    const group = manifest[field];
    const asked = typeof group === 'object' && group !== null ? Reflect.get(group, 'typeorm') : undefined;
    if (typeof asked === 'string') return asked;
  }
  return null;
}

/** A range is as old as its lower bound, unless what is installed says better. */
function judged(folder: string, asked: string): string | null {
  const { version } = manifestOf(join(folder, 'node_modules/typeorm/package.json'));
  const told = typeof version === 'string' ? version : asked;
  const [, major, minor, patch] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(told) ?? [];
  if (major === undefined) return null;
  const found = [Number(major), Number(minor ?? 0), Number(patch ?? 0)];
  const differing = found.findIndex((part, index) => part !== FIRST[index]);
  if (differing === -1 || (found[differing] ?? 0) > (FIRST[differing] ?? 0)) return null;
  return `the project asks for TypeORM ${told}, and exists() is sure to be there from ${FIRST.join('.')}`;
}

function manifestOf(path: string): Record<string, unknown> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? { ...manifest } : {};
  } catch {
    return {};
  }
}
