import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_WITHIN_MS = 60_000;
const POLL_MS = 25;

export interface ServiceOptions {
  /** Settings; PORT is chosen when it is not among them. Nothing of ours is taken over from the test's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Words after `dashcache serve`. */
  readonly words?: readonly string[];
  /** The command and its first words; default: the source of this project. */
  readonly command?: readonly [string, ...string[]];
  readonly folder?: string;
  /** What must answer 200 before the service counts as started; null: do not wait. Default /health/ready. */
  readonly readyPath?: string | null;
}

/** A dashcache process of the test's own. */
export interface Service {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Lines of stdout so far: the log in JSON, and what is printed. */
  readonly lines: readonly string[];
  readonly errorText: string;
  /** Ms from the spawn until `readyPath` answered. */
  readonly startedInMs: number;
  /** Asks a path of the service. */
  get(path: string, init?: RequestInit): Promise<Response>;
  signal(name: NodeJS.Signals): void;
  /** Resolves to the exit code, or to the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and SIGKILL after 15 s; resolves as `ended`. */
  stop(): Promise<number | NodeJS.Signals>;
}

/** Starts the real process on a free port of 127.0.0.1. Rejects with what it wrote when it ends before it is ready. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const port = Number(options.environment?.['PORT'] ?? (await freePort()));
  const service = new ServiceProcess(port, options);
  const { readyPath = '/health/ready' } = options;
  if (readyPath !== null) await service.ready(readyPath);
  return service;
}

/** The command that runs a file of the project from its source. */
export function sourceCommand(path: string): [string, ...string[]] {
  return [process.execPath, '--import', 'tsx', ROOT + path];
}

class ServiceProcess implements Service {
  readonly url: string;
  readonly pid: number;
  readonly lines: string[] = [];
  readonly ended: Promise<number | NodeJS.Signals>;
  errorText = '';
  startedInMs = 0;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #startMs = performance.now();

  constructor(
    readonly port: number,
    options: ServiceOptions,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    const [program, ...first] = options.command ?? sourceCommand('cli/dashcache.ts');
    this.#child = spawn(program, [...first, 'serve', ...(options.words ?? [])], {
      cwd: options.folder ?? ROOT,
      env: { ...childEnvironment(), ...options.environment, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid ?? 0;
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
    collectLines(this.#child.stdout, this.lines);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errorText += text;
    });
    // A test that fails halfway must not leave its service behind.
    const end = () => this.#child.kill('SIGKILL');
    process.once('exit', end);
    this.ended.catch(() => {}).finally(() => process.removeListener('exit', end));
  }

  async ready(path: string): Promise<void> {
    const outcome = { over: null as number | string | null };
    this.ended.then(
      (code) => {
        outcome.over = code;
      },
      (error: Error) => {
        outcome.over = error.message;
      },
    );
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    while (!(await this.#answers(path))) {
      if (outcome.over !== null) throw new Error(`the service ended (${outcome.over}):\n${this.#output()}`);
      if (performance.now() > deadlineMs) {
        await this.stop();
        throw new Error(`the service was not ready within ${READY_WITHIN_MS} ms:\n${this.#output()}`);
      }
      await sleep(POLL_MS);
    }
    this.startedInMs = performance.now() - this.#startMs;
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async stop(): Promise<number | NodeJS.Signals> {
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    try {
      return await this.ended;
    } finally {
      clearTimeout(killer);
    }
  }

  async #answers(path: string): Promise<boolean> {
    try {
      const response = await this.get(path, { signal: AbortSignal.timeout(2000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  #output(): string {
    return `${this.errorText}\n${this.lines.slice(-20).join('\n')}`;
  }
}

/**
 * What a process needs to run at all, and none of the settings that the test itself was started with. Its coverage is
 * not taken: it has the output of another compiler, and the two cannot be put together for one file.
 */
export function childEnvironment(): Record<string, string> {
  const present: Record<string, string> = { _TAPJS_PROCESSINFO_COVERAGE_: '0' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH']) {
    const value = process.env[name];
    if (value) present[name] = value;
  }
  return present;
}

function collectLines(stream: Readable, lines: string[]): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  stream.on('end', () => {
    if (rest !== '') lines.push(rest);
  });
}
