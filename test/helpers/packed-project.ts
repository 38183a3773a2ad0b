import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { childEnvironment } from './start-service.js';
import { tempFolder } from './temp-folder.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
/** npm keeps its own settings: registry and proxy. */
const environment = { ...process.env, ...childEnvironment() };

/** An empty folder in which the packed project is to be installed, as somebody else would. */
export interface PackedProject {
  readonly home: string;
  /** What is in the package. */
  readonly paths: readonly string[];
  /** Installs the package, and others that it brings anyway but that `home` uses itself, as `name@version`. */
  install(others?: readonly string[]): Promise<void>;
}

/** Packs the project as it is now. */
export async function packedProject(t: Test): Promise<PackedProject> {
  const clone = tempFolder(t);
  const home = tempFolder(t);
  cloneInto(clone);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', home], clone);
  // What the build prints comes before the JSON.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  writeFileSync(join(home, 'package.json'), '{"name":"elsewhere","private":true,"type":"module"}');
  return {
    home,
    paths: packed.files.map((file: { path: string }) => file.path),
    async install(others = []) {
      const quietly = ['--prefer-offline', '--no-audit', '--no-fund'];
      await run('npm', ['install', ...quietly, `./${packed.filename}`, ...others], home);
    },
  };
}

/** Runs a program with npm's own settings; rejects when it fails. */
export function run(program: string, args: readonly string[], folder: string): Promise<{ stdout: string }> {
  return execute(program, args, { cwd: folder, env: environment });
}

/** The project as a clone would have it, so that the build inside `npm pack` disturbs nobody else's. */
function cloneInto(folder: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const path of listed.split('\n').filter((path) => path !== '' && existsSync(ROOT + path))) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}
