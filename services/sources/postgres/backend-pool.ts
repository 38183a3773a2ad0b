import type { DashcacheError } from '../../../errors.js';
import type { Clock } from '../../clock.js';
import type { PostgresAddress } from '../../definitions/source-definitions.js';
import { QueryQueue } from '../query-queue.js';
import type { QueryLimits } from '../source.js';
import { Backend } from './backend.js';
import { clientConfig } from './client-config.js';

/** Unused connections are given back to the server after so long. */
const IDLE_MS = 30_000;
const MAX_WAIT_MS = 10_000;
const CLOSE_WITHIN_MS = 2000;
/** A server notices that its client has gone when it writes, and else by client_connection_check_interval. */
const NOTICED_WITHIN_MS = 1500;

export interface BackendPoolOptions {
  readonly address: PostgresAddress;
  readonly poolCount: number;
  readonly clock: Clock;
  /** Told of every new connection. */
  readonly connected: () => void;
}

/**
 * The connections of one source. The server never runs more than `poolCount` processes for it: a place is taken by whoever
 * uses or closes a connection, and kept until the server's process has ended; the pool of pg gives it away as soon as it hangs
 * up. Invariant 11.
 */
export class BackendPool {
  readonly #options: BackendPoolOptions;
  readonly #places: QueryQueue;
  /** The most recently used last. There are never more of them than free places. */
  readonly #idle: { readonly backend: Backend; readonly sinceMs: number }[] = [];
  readonly #open = new Set<Backend>();
  #isClosed = false;
  #sweep: (() => void) | null = null;

  constructor(options: BackendPoolOptions) {
    const { poolCount, clock } = options;
    this.#options = options;
    this.#places = new QueryQueue({
      concurrencyCount: poolCount,
      // Queries and checks wait before the source as well, at most so many of each at once here.
      maxWaitingCount: 2 * poolCount,
      maxWaitMs: MAX_WAIT_MS,
      clock,
    });
  }

  /** Runs `action` with a connection that nobody else uses; an abort stops what it runs. Settles when nothing of it goes on. */
  async use<T>(
    { signal, deadlineAtMs }: Required<Pick<QueryLimits, 'signal' | 'deadlineAtMs'>>,
    action: (backend: Backend) => Promise<T>,
  ): Promise<T> {
    const leave = await this.#places.enter(signal);
    const taking = this.#take();
    const back = (backend: Backend) => this.#give(backend, { leave, deadlineAtMs });
    let backend: Backend;
    try {
      backend = await unlessAborted(taking, signal);
    } catch (error) {
      // Half made, it is a process of the server already: it is finished, and kept for the next.
      taking.then(back, leave);
      throw error;
    }
    try {
      return await backend.use(signal, () => action(backend));
    } finally {
      back(backend);
    }
  }

  async close(error: DashcacheError): Promise<void> {
    this.#isClosed = true;
    this.#sweep?.();
    this.#places.close(error);
    for (const { backend } of this.#idle.splice(0)) void backend.close();
    for (const backend of this.#open) if (!backend.isConnected) backend.hangUp('answering');
    const ended = Promise.all([...this.#open].map((backend) => backend.ended));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
  }

  async #take(): Promise<Backend> {
    for (let item = this.#idle.pop(); item; item = this.#idle.pop()) {
      if (item.backend.isUsable) return item.backend;
      await item.backend.close();
    }
    const { address, connected } = this.#options;
    const backend = new Backend(await clientConfig(address));
    this.#open.add(backend);
    void backend.ended.then(() => this.#open.delete(backend));
    if (this.#isClosed) backend.hangUp('answering');
    await backend.connect();
    connected();
    return backend;
  }

  #give(backend: Backend, { leave, deadlineAtMs }: { leave: () => void; deadlineAtMs: number }): void {
    if (backend.isUsable && !this.#isClosed) {
      this.#idle.push({ backend, sinceMs: this.#options.clock.monotonicMs() });
      this.#armSweep();
      leave();
    } else void this.#end(backend, deadlineAtMs).then(leave);
  }

  /** Resolves when the server's process has ended, as far as anybody can know. */
  async #end(backend: Backend, deadlineAtMs: number): Promise<void> {
    await backend.close();
    const { clock } = this.#options;
    if (backend.hungUp === null || this.#isClosed) return;
    // It did not answer; neither will those that came over the same line.
    if (backend.hungUp === 'silent')
      for (const { backend: other } of this.#idle.splice(0)) this.#closeIdle(other);
    // A silent server ends the query itself, before the deadline at the latest.
    const restMs = backend.hungUp === 'silent' ? deadlineAtMs - clock.monotonicMs() : NOTICED_WITHIN_MS;
    if (restMs > 0) await new Promise<void>((resolve) => clock.after(restMs, resolve));
  }

  #closeIdle(backend: Backend): void {
    // There is a free place for every idle one, and it is taken before anybody else can come.
    const never = new AbortController().signal;
    this.#places.enter(never).then(
      (leave) => backend.close().then(leave),
      () => backend.close(),
    );
  }

  #armSweep(): void {
    const { clock } = this.#options;
    this.#sweep ??= clock.after(IDLE_MS, () => {
      this.#sweep = null;
      const beforeMs = clock.monotonicMs() - IDLE_MS;
      const kept = this.#idle.filter(({ sinceMs }) => sinceMs > beforeMs);
      const old = this.#idle.filter(({ sinceMs }) => sinceMs <= beforeMs);
      this.#idle.splice(0, this.#idle.length, ...kept);
      for (const { backend } of old) this.#closeIdle(backend);
      if (kept.length > 0) this.#armSweep();
    });
  }
}

/** What `promise` settles with, or a rejection with the signal's reason when that comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
