import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the Dockerfile mounts the authorities that the host trusts. */
const CERTIFICATES = '/run/secrets/certificates';

/**
 * The arguments of a build that let npm reach its registry as it does here: the settings of this machine and of this user, and
 * the authorities they trust. They are mounted while npm runs and stay in no layer. Proxies buildah hands over by itself.
 */
export function npmSecrets(folder: string): string[] {
  const lines = [npmSetting('globalconfig'), npmSetting('userconfig')]
    .filter((path) => path !== null && existsSync(path))
    .flatMap((path) => readFileSync(path ?? '', 'utf8').split('\n'))
    // Files of this machine mean nothing inside; what the environment said comes last and wins.
    .filter((line) => !/^\s*(cafile|prefix|cache|nodedir)\s*=/.test(line));
  for (const name of ['registry', 'strict-ssl']) {
    const value = npmSetting(name);
    if (value !== null) lines.push(`${name}=${value}`);
  }
  const authorities = npmSetting('cafile') ?? process.env['NODE_EXTRA_CA_CERTS'] ?? null;
  if (authorities !== null && existsSync(authorities)) lines.push(`cafile=${CERTIFICATES}`);
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, `${lines.join('\n')}\n`, { mode: 0o600 });

  const secrets = ['--secret', `id=npmrc,src=${npmrc}`];
  if (authorities !== null && existsSync(authorities))
    secrets.push('--secret', `id=certificates,src=${authorities}`);
  return secrets;
}

/** A setting of npm with all that decides it; null: unset. */
function npmSetting(name: string): string | null {
  // Outside any project: what a project says of itself is in the build already.
  const value = execFileSync('npm', ['config', 'get', name], {
    cwd: '/',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return value === '' || value === 'null' || value === 'undefined' ? null : value;
}
