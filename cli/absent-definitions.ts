import { readdir } from 'node:fs/promises';
import { hasDemo } from './has-demo.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is no folder',
  EACCES: 'cannot be read by this user: its permissions forbid it',
};

/** Why there is nothing at all to serve in this folder, and what to do. Null where there is some YAML file to be checked. */
export async function absentDefinitions(folder: string): Promise<string | null> {
  const reason = await whyAbsent(folder);
  if (reason === null) return null;
  const help = hasDemo()
    ? 'name the folder of your definitions with --config or DASHCACHE_CONFIG, or look at generated data: dashcache serve --demo'
    : `mount the folder of your definitions: docker run -v "$PWD/dashboards:${folder}:ro" …`;
  return `There are no dashboards to serve: ${folder} ${reason}\nhelp: ${help}`;
}

async function whyAbsent(folder: string): Promise<string | null> {
  try {
    const names = await readdir(folder);
    return names.some((name) => /^[^.].*\.ya?ml$/.test(name)) ? null : 'holds no YAML file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return REASONS[code] ?? `cannot be read (${code})`;
  }
}
