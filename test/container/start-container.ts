import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageConfig } from './image-config.js';

export interface ContainerOptions {
  /** The root file system of the image. */
  readonly root: string;
  readonly config: ImageConfig;
  /** A folder of the host in the place of the volume /data. */
  readonly data: string;
  /** A folder of the host to mount read-only at /dashboards. */
  readonly dashboards?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of the image's CMD. */
  readonly words?: readonly string[];
}

export interface Output {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a container answered over HTTP. */
export interface ContainerAnswer {
  readonly status: number;
  readonly body: unknown;
}

const ASK = `
const untilMs = Date.now() + Number(process.argv[2]);
for (;;) {
  try {
    const answer = await fetch(process.argv[1], { headers: JSON.parse(process.argv[3]) });
    console.log(JSON.stringify({ status: answer.status, body: await answer.json().catch(() => null) }));
    process.exit(0);
  } catch (error) {
    if (Date.now() >= untilMs) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}`;

/**
 * The start of a container, as a runtime makes it with --read-only --cap-drop=ALL --security-opt=no-new-privileges: the
 * namespaces are there already. Every exec keeps the process, so what the image starts is process 1.
 */
const START = `set -e
root=$1 data=$2 dashboards=$3; shift 3
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
mount --bind "$data" "$root/data"
if [ -n "$dashboards" ]; then
  mount --bind "$dashboards" "$root/dashboards"
  mount -o remount,bind,ro "$root/dashboards"
fi
ip link set lo up
exec chroot "$root" "$@"`;

/** Starts the image. It needs no runtime, but root, and a kernel that gives it namespaces. */
export function startContainer(options: ContainerOptions): Container {
  return new Container(options);
}

/** A running container of the test's own. */
export class Container {
  readonly lines: string[] = [];
  errorText = '';
  readonly ended: Promise<number | string>;
  readonly startedAtMs = performance.now();
  readonly #options: ContainerOptions;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(options: ContainerOptions) {
    this.#options = options;
    const { root, data, dashboards = '', config } = options;
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child=SIGKILL'];
    const program = [...config.Entrypoint, ...(options.words ?? config.Cmd)];
    this.#child = spawn(
      'unshare',
      [...namespaces, 'sh', '-c', START, 'sh', root, data, dashboards, ...this.#asTheUser(), ...program],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.lines.push(...text.split('\n')));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errorText += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
    const end = () => this.#child.kill('SIGKILL');
    process.once('exit', end);
    this.ended.catch(() => {}).finally(() => process.removeListener('exit', end));
  }

  /** The process of the host that is process 1 inside. */
  get pid(): number {
    const parent = this.#child.pid ?? 0;
    const [pid] = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ');
    if (!pid) throw new Error(`the container has ended: ${this.errorText}`);
    return Number(pid);
  }

  /** Asks a path from inside its network; until somebody listens, again and again for `waitMs`. */
  async get(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    waitMs = 0,
  ): Promise<ContainerAnswer> {
    const url = `http://127.0.0.1:${this.#port}${path}`;
    const asking = [
      process.execPath,
      '--input-type=module',
      '-e',
      ASK,
      url,
      `${waitMs}`,
      JSON.stringify(headers),
    ];
    const { exitCode, stdout, stderr } = await run('nsenter', [
      '--target',
      `${this.pid}`,
      '--net',
      ...asking,
    ]);
    if (exitCode !== 0) throw new Error(`${path} was not answered: ${stderr}\n${this.errorText}`);
    return JSON.parse(stdout);
  }

  /** Runs a program inside as the user of the image, as `docker exec` does. */
  exec(...program: readonly string[]): Promise<Output> {
    const all = ['--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd'];
    return run('nsenter', ['--target', `${this.pid}`, ...all, ...this.#asTheUser(), ...program]);
  }

  /** Runs the image's own health check, as an engine does every few seconds. */
  health(): Promise<Output> {
    const [kind, ...program] = this.#options.config.Healthcheck.Test;
    if (kind !== 'CMD') throw new Error(`the health check needs a shell: ${kind}`);
    return this.exec(...program);
  }

  /** Waits until the health check succeeds, and resolves to the ms that the service needed to be ready. */
  async healthy(): Promise<number> {
    while (!(await this.#isEntered())) await sleep(5);
    await this.get('/health/ready', {}, 30_000);
    const readyAfterMs = performance.now() - this.startedAtMs;
    const { exitCode, stdout, stderr } = await this.health();
    if (exitCode !== 0) throw new Error(`the health check says ${stdout}${stderr}`);
    return readyAfterMs;
  }

  /** SIGTERM to process 1, as `docker stop` sends it; SIGKILL after `killAfterMs`. Resolves to exit code and duration. */
  async stop(killAfterMs = 15_000): Promise<{ exitCode: number | string; durationMs: number }> {
    const beganMs = performance.now();
    process.kill(this.pid, 'SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), killAfterMs);
    const exitCode = await this.ended;
    clearTimeout(killer);
    return { exitCode, durationMs: performance.now() - beganMs };
  }

  /** For a test that is over, however it ended. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Whether process 1 is what the image starts, and no longer what prepares it. */
  async #isEntered(): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error(`the container ended: ${this.errorText}`);
    try {
      return readFileSync(`/proc/${this.pid}/status`, 'utf8').includes('NoNewPrivs:\t1');
    } catch {
      return false;
    }
  }

  get #port(): string {
    return this.#options.environment?.['PORT'] ?? '8000';
  }

  /** The words before a program that give it the image's environment, folder and user, and take every right from it. */
  #asTheUser(): string[] {
    const { config, environment = {} } = this.#options;
    const [user = '0', group = user] = config.User.split(':');
    const given = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const rights = ['--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
    return [
      ...['/usr/bin/env', '--ignore-environment', `--chdir=${config.WorkingDir}`, ...config.Env, ...given],
      ...['setpriv', `--reuid=${user}`, `--regid=${group}`, ...rights],
    ];
  }
}

/** Resolves also when the program fails. */
function run(program: string, words: readonly string[]): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({
        exitCode: error ? (child.exitCode ?? child.signalCode ?? 'never began') : 0,
        stdout,
        stderr,
      });
    });
  });
}
