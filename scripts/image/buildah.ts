import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Works in any sandbox and on any file system: whole copies of layers, no mounts. */
const DRIVER = ['--storage-driver', 'vfs'];

/** What one call of buildah prints. Throws with what it complains of. */
export function buildah(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('buildah', [...DRIVER, ...args], { encoding: 'utf8' });
  if (error) throw error;
  if (status === 0) return stdout.trim();
  throw new Error(`buildah ${args[0]} failed (${status}):\n${stderr.trim()}`);
}

/** The same for a long call: people see what it prints. */
export function buildahAloud(...args: readonly string[]): void {
  execFileSync('buildah', [...DRIVER, ...args], { stdio: ['ignore', 2, 2] });
}

/** Whether the local storage has an image. */
export function hasImage(name: string): boolean {
  return spawnSync('buildah', [...DRIVER, 'inspect', '--type', 'image', name]).status === 0;
}

/** Gives the root file system of a container made of the image to an action, and removes the container. */
export async function withRootOf<T>(
  image: string,
  action: (root: string, container: string) => T | Promise<T>,
): Promise<T> {
  const container = buildah('from', '--pull-never', image);
  try {
    return await action(buildah('mount', container), container);
  } finally {
    buildah('rm', container);
  }
}

/** What is missing here to build images, as one sentence; null: nothing. */
export function whyNoImages(programs: readonly string[]): string | null {
  if (process.platform !== 'linux') return 'images are built on Linux only';
  const missing = programs.filter((program) => !isInPath(program));
  if (missing.length > 0)
    return `${missing.join(' and ')} missing: apt-get install buildah debootstrap iproute2 util-linux`;
  if (process.getuid?.() !== 0) return 'only root may make the base image and enter it: run it as root';
  return null;
}

function isInPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
