import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildah, buildahAloud, hasImage } from './buildah.js';
import { inputsHash } from './inputs-hash.js';
import { makeBase } from './make-base.js';
import { npmSecrets } from './npm-secrets.js';

export const BASE = 'docker.io/library/node:24-bookworm-slim';
export const IMAGE = 'localhost/dashcache:latest';
/** The label that says what an image was built from. */
const INPUTS = 'dashcache.inputs';
const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Builds the image, and its base, unless the storage has them already. Resolves to whether it had to be built. */
export async function ensureImage(progress: (line: string) => void): Promise<{ readonly built: boolean }> {
  if (!hasImage(BASE)) {
    progress(`Making the base image ${BASE} of Debian's packages and the Node of npm (a minute)`);
    await makeBase(BASE);
  }
  const inputs = inputsHash(ROOT, idOf(BASE));
  const previous = hasImage(IMAGE) ? idOf(IMAGE) : null;
  if (previous !== null && labelOf(IMAGE) === inputs) return { built: false };
  progress(`Building ${IMAGE}`);
  build(inputs);
  // Without its name it would stay in the storage for ever.
  if (previous !== null && previous !== idOf(IMAGE)) buildah('rmi', previous);
  return { built: true };
}

function build(inputs: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'dashcache-secrets-'));
  try {
    buildahAloud(
      'build',
      ...['--isolation', 'chroot', '--format', 'docker', '--pull-never', '--label', `${INPUTS}=${inputs}`],
      ...npmSecrets(folder),
      ...['--tag', IMAGE, ROOT],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function idOf(image: string): string {
  return buildah('inspect', '--type', 'image', '--format', '{{.FromImageID}}', image);
}

function labelOf(image: string): string {
  return buildah(
    'inspect',
    '--type',
    'image',
    '--format',
    `{{index .Docker.Config.Labels "${INPUTS}"}}`,
    image,
  );
}
