import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildah, withRootOf } from './buildah.js';

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
export async function makeBase(name: string): Promise<void> {
  await withRootOf('scratch', (root, container) => {
    run('debootstrap', '--variant=minbase', DEBIAN, root);
    for (const path of NOT_SLIM) emptyFolder(join(root, path));
    for (const path of OF_THIS_MACHINE) rmSync(join(root, path), { force: true });
    run('chroot', root, 'groupadd', '--gid', '1000', 'node');
    run('chroot', root, 'useradd', '--uid', '1000', '--gid', 'node', '--shell', '/bin/bash', '-m', 'node');
    addNode(root);
    buildah(
      'config',
      '--env',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      container,
    );
    buildah('config', '--cmd', 'node', container);
    buildah('commit', '--format', 'docker', container, name);
  });
}

function addNode(root: string): void {
  const local = join(root, 'usr/local');
  unpack(`node-linux-${process.arch}@${NODE_MAJOR}`, local, ['package/bin/node']);
  const modules = join(local, 'lib/node_modules');
  mkdirSync(join(modules, 'npm'), { recursive: true });
  unpack(`npm@${NPM_MAJOR}`, join(modules, 'npm'), []);
  for (const command of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${command}-cli.js`, join(local, 'bin', command));
}

/** Fetches a package as npm would and unpacks it, or some of its files, into a folder. */
function unpack(specifier: string, folder: string, files: readonly string[]): void {
  const temporary = mkdtempSync(join(tmpdir(), 'dashcache-base-'));
  try {
    run('npm', 'pack', '--silent', '--pack-destination', temporary, specifier);
    const owner = ['--no-same-owner', '--strip-components=1', '-C', folder];
    execFileSync('sh', [
      '-c',
      'archive=$1; shift; exec tar -xzf "$archive"/*.tgz "$@"',
      'sh',
      temporary,
      ...owner,
      ...files,
    ]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function emptyFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
