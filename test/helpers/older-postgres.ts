import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Where Debian has its servers: a folder for each major version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** What is promised to work. */
const OLDEST_VERSION = 14;

/** The oldest server at hand that dashcache supports: of OLDER_POSTGRES_BIN, else of Debian; null where there is none. */
export function olderPostgres(): { readonly title: string; readonly bin: string } | null {
  const given = process.env['OLDER_POSTGRES_BIN'];
  if (given) return hasServer(given) ? { title: 'an older PostgreSQL', bin: given } : null;
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const [bin] = versions
    .filter((version) => Number(version) >= OLDEST_VERSION)
    .sort((a, b) => Number(a) - Number(b))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin'))
    .filter(hasServer);
  return bin === undefined ? null : { title: `PostgreSQL ${basename(dirname(bin))}`, bin };
}

function hasServer(bin: string): boolean {
  return ['initdb', 'postgres'].every((name) => existsSync(join(bin, name)));
}
