import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CachePolicy } from '../../services/cache/policy.js';

export interface Setup {
  readonly redisUrl: string;
  readonly sourceUrl: string;
  /** Whether it is subscribed to what others tell; else it asks at intervals alone. */
  readonly hears?: boolean;
  /** Broken on purpose: takes the lease also while another holds it. */
  readonly grabsLeases?: boolean;
}

export type Task =
  | { readonly do: 'read'; readonly key: string; readonly count: number; readonly policy: CachePolicy }
  | { readonly do: 'purge'; readonly key: string }
  | { readonly do: 'close' };

export interface ReadAnswer {
  readonly text: string;
  readonly outcome: string;
  readonly tookMs: number;
}

/** One process with a cache of its own. */
export class CacheProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answers: ReadAnswer[]) => void>();
  #tasksCount = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, answers }: { id: number; answers: ReadAnswer[] }) => {
      this.#waiting.get(id)?.(answers);
    });
  }

  static async start(setup: Setup): Promise<CacheProcess> {
    const program = fileURLToPath(new URL('./cache-process-program.ts', import.meta.url));
    const env = { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' };
    const execArgv = ['--import', import.meta.resolve('tsx')];
    const child = fork(program, [JSON.stringify(setup)], { env, execArgv, stdio: 'inherit' });
    const started = new CacheProcess(child);
    await started.#answerTo(0);
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What becomes of a task; never, if the process is killed meanwhile. */
  perform(task: Task): Promise<ReadAnswer[]> {
    const id = ++this.#tasksCount;
    this.#child.send({ id, task });
    return this.#answerTo(id);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(name);
  }

  #answerTo(id: number): Promise<ReadAnswer[]> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}

/** A source that all processes ask over HTTP: it counts, takes its time, and gives `v1`, `v2` and so on for each key. */
export class CountingSource {
  /** In the order of their coming. */
  readonly asked: { readonly key: string; readonly pid: number }[] = [];
  readonly #server: Server;
  readonly #queryMs: number;

  private constructor(queryMs: number) {
    this.#queryMs = queryMs;
    this.#server = createServer((request, response) => {
      const key = request.url?.slice(1) ?? '';
      this.asked.push({ key, pid: Number(request.headers['x-pid']) });
      const version = this.countOf(key);
      void sleep(this.#queryMs).then(() => response.end(`v${version}`));
    });
  }

  static async start(queryMs: number): Promise<CountingSource> {
    const source = new CountingSource(queryMs);
    await new Promise<void>((resolve) => source.#server.listen(0, '127.0.0.1', resolve));
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  countOf(key: string): number {
    return this.asked.filter((asked) => asked.key === key).length;
  }

  /** Resolves with who asks for the key first. */
  async firstPid(key: string): Promise<number> {
    for (;;) {
      const first = this.asked.find((asked) => asked.key === key);
      if (first) return first.pid;
      await sleep(5);
    }
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** So many processes on one Redis and one source. */
export async function startProcesses(count: number, setup: Setup): Promise<CacheProcess[]> {
  return Promise.all(Array.from({ length: count }, () => CacheProcess.start(setup)));
}
