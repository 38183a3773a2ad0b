import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildah, buildahAloud, hasImage } from './buildah.js';
import { inputsHash } from './inputs-hash.js';
import { makeBase } from './make-base.js';
import { npmSecrets } from './npm-secrets.js';
import type { OnLine } from './run-program.js';

export const BASE = 'docker.io/library/node:24-bookworm-slim';
export const IMAGE = 'localhost/dashcache:latest';
/** The label that says what an image was built from. */
const INPUTS = 'dashcache.inputs';
const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Where a build tells what it does, and where the programs that it runs do. */
export interface Narrator {
  readonly progress: OnLine;
  readonly detail: OnLine;
}

/** Builds the image, and its base, unless the storage has them already. Resolves to whether it had to be built. */
export async function ensureImage({ progress, detail }: Narrator): Promise<{ readonly built: boolean }> {
  if (!hasImage(BASE)) {
    progress(`Making the base image ${BASE} of Debian's packages and the Node of npm (a minute)`);
    await makeBase(BASE, detail);
  }
  const inputs = inputsHash(ROOT, idOf(BASE));
  const previous = hasImage(IMAGE) ? idOf(IMAGE) : null;
  if (previous !== null && labelOf(IMAGE) === inputs) return { built: false };
  progress(`Building ${IMAGE}`);
  await build(inputs, detail);
  // Without its name it would stay in the storage for ever.
  if (previous !== null && previous !== idOf(IMAGE)) buildah('rmi', previous);
  return { built: true };
}

async function build(inputs: string, detail: OnLine): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dashcache-secrets-'));
  try {
    await buildahAloud(
      detail,
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
