import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type OnLine, runProgram } from './run-program.js';

/** Works in any sandbox and on any file system: whole copies of layers, no mounts. */
const DRIVER = ['--storage-driver', 'vfs'];

/** What one call of buildah prints. Throws with what it complains of. */
export function buildah(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('buildah', [...DRIVER, ...args], { encoding: 'utf8' });
  if (error) throw error;
  if (status === 0) return stdout.trim();
  throw new Error(`buildah ${args[0]} failed (${status}):\n${stderr.trim()}`);
}

/** The same for a call that takes a while. */
export function buildahAloud(onLine: OnLine, ...args: readonly string[]): Promise<void> {
  return runProgram('buildah', [...DRIVER, ...args], onLine);
}

/** Whether the local storage has an image. */
export function hasImage(name: string): boolean {
  return spawnSync('buildah', [...DRIVER, 'inspect', '--type', 'image', name]).status === 0;
}

/** The root file system of a container made of an image. */
export interface OpenRoot {
  readonly root: string;
  readonly container: string;
  /** Removes the container. */
  close(): void;
}

/** Lays an image out as a container that nothing runs in. */
export function openRoot(image: string): OpenRoot {
  removeAbandoned();
  const container = buildah('from', '--pull-never', '--name', `${OURS}-${process.pid}-${++opened}`, image);
  return { root: buildah('mount', container), container, close: () => void buildah('rm', container) };
}

let opened = 0;
/** What the names of our containers begin with; then comes the process that they belong to. */
const OURS = 'dashcache-root';

/** A process that was killed could not close what it had opened: whole copies of an image. */
function removeAbandoned(): void {
  const names = buildah('containers', '--format', '{{.ContainerName}}').split('\n');
  for (const name of names) {
    const [, pid] = new RegExp(`^${OURS}-(\\d+)-`).exec(name.trim()) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) buildah('rm', name.trim());
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
