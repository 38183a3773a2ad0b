import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildah, openRoot } from './buildah.js';
import { type OnLine, runProgram } from './run-program.js';

const DEBIAN = 'bookworm';
const NODE_MAJOR = 24;
const NPM_MAJOR = 11;

/** What the slim images of Debian leave out, and what debootstrap leaves behind. */
const NOT_SLIM = [
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/lintian',
];

/** What debootstrap copies from the machine it runs on. */
const OF_THIS_MACHINE = ['etc/resolv.conf', 'etc/hostname'];

/**
 * Makes the base image out of Debian's and npm's packages, where no registry of images can be reached: Debian with the
 * binary of Node, npm and the user `node`, under the name of the real one, so that the Dockerfile need not know.
 */
export async function makeBase(name: string, onLine: OnLine): Promise<void> {
  const { root, container, close } = openRoot('scratch');
  try {
    const run = (program: string, ...args: readonly string[]) => runProgram(program, args, onLine);
    await run('debootstrap', '--variant=minbase', DEBIAN, root);
    for (const path of NOT_SLIM) emptyFolder(join(root, path));
    for (const path of OF_THIS_MACHINE) rmSync(join(root, path), { force: true });
    await run('chroot', root, 'groupadd', '--gid', '1000', 'node');
    await run(
      'chroot',
      root,
      'useradd',
      '--uid',
      '1000',
      '--gid',
      'node',
      '--shell',
      '/bin/bash',
      '-m',
      'node',
    );
    await addNode(root, run);
    buildah(
      'config',
      '--env',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      container,
    );
    buildah('config', '--cmd', 'node', container);
    buildah('commit', '--format', 'docker', container, name);
  } finally {
    close();
  }
}

type Run = (program: string, ...args: readonly string[]) => Promise<void>;

async function addNode(root: string, run: Run): Promise<void> {
  const local = join(root, 'usr/local');
  await unpack(run, `node-linux-${process.arch}@${NODE_MAJOR}`, {
    folder: local,
    files: ['package/bin/node'],
  });
  const modules = join(local, 'lib/node_modules');
  mkdirSync(join(modules, 'npm'), { recursive: true });
  await unpack(run, `npm@${NPM_MAJOR}`, { folder: join(modules, 'npm'), files: [] });
  for (const command of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${command}-cli.js`, join(local, 'bin', command));
}

/** Fetches a package as npm would and unpacks it, or some of its files, into a folder. */
async function unpack(
  run: Run,
  specifier: string,
  into: { readonly folder: string; readonly files: readonly string[] },
): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'dashcache-base-'));
  try {
    await run('npm', 'pack', '--silent', '--pack-destination', temporary, specifier);
    const [archive = ''] = readdirSync(temporary);
    const options = ['--no-same-owner', '--strip-components=1', '-C', into.folder];
    await run('tar', '-xzf', join(temporary, archive), ...options, ...into.files);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function emptyFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
}
