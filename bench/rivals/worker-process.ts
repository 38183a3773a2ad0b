import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../test/helpers/start-service.js';
import { within } from './within.js';
import type { Answered, Asked, Command, Pace, ReadAnswer } from './worker-commands.js';

const ANSWER_WITHIN_MS = 60_000;
const CLOSE_WITHIN_MS = 2000;
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const SKEWED_CLOCK = new URL('./skewed-clock.ts', import.meta.url).href;

type Told<Name extends Command['do']> = Omit<Extract<Command, { do: Name }>, 'do'>;

/** The process ended by itself while it had something to do. */
export class ProcessEnded extends Error {}

/** One process of its own that shares a cache with others. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #lastId = 0;
  #told = '';

  /** A clock offset of -60_000 is a host that is a minute behind. */
  constructor({ clockOffsetMs = 0 }: { clockOffsetMs?: number } = {}) {
    this.#child = fork(WORKER, [], {
      execArgv: ['--import', import.meta.resolve('tsx'), '--import', SKEWED_CLOCK],
      env: { ...childEnvironment(), RIVALS_CLOCK_OFFSET_MS: String(clockOffsetMs) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text) => {
      this.#told = `${this.#told}${text}`.slice(-4000);
    });
    this.#child.on('message', (answer: Answered) => this.#answer(answer));
    this.#child.once('close', () => this.#end());
  }

  async open(told: Told<'open'>): Promise<void> {
    await this.#ask({ do: 'open', ...told });
  }

  /** One reader of each key, now, unless told otherwise. */
  async read(
    told: Pick<Told<'read'>, 'ttlMs' | 'keys'> & Partial<Told<'read'>>,
  ): Promise<readonly ReadAnswer[]> {
    return (await this.#ask({ do: 'read', readersCount: 1, atMs: 0, ...told })) as ReadAnswer[];
  }

  async invalidate(told: Told<'invalidate'>): Promise<void> {
    await this.#ask({ do: 'invalidate', ...told });
  }

  async invalidateTag(told: Told<'invalidateTag'>): Promise<void> {
    await this.#ask({ do: 'invalidateTag', ...told });
  }

  async memoryHits(told: Told<'memoryHits'>): Promise<Pace> {
    return (await this.#ask({ do: 'memoryHits', ...told })) as Pace;
  }

  async redisHits(told: Told<'redisHits'>): Promise<Pace> {
    return (await this.#ask({ do: 'redisHits', ...told })) as Pace;
  }

  /** Lets it close what it opened, but not for long. */
  async close(): Promise<void> {
    await within(this.#ask({ do: 'close' }), CLOSE_WITHIN_MS, 'not closed').catch(() => {});
    this.#child.kill('SIGKILL');
  }

  #ask(command: Command): Promise<unknown> {
    if (!this.#child.connected) return Promise.reject(this.#ended());
    const id = ++this.#lastId;
    const answered = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command } satisfies Asked);
    });
    return within(answered, ANSWER_WITHIN_MS, `"${command.do}" was not done`);
  }

  #answer({ id, result, error }: Answered): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(this.#ended());
    this.#waiting.clear();
  }

  #ended(): ProcessEnded {
    return new ProcessEnded(`A process of the bench has ended:\n${this.#told}`);
  }
}
