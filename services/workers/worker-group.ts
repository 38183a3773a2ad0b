import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Address, FromWorker, ToWorker, WorkerText } from './messages.js';

/** Less than a worker waits for what it is told. */
const FIGURES_WITHIN_MS = 1000;
/** One that ends is followed by another soon, and ever later while they end before they are ready. */
const AGAIN_FIRST_MS = 1000;
const AGAIN_LAST_MS = 30_000;

/** A process that serves. */
export interface Worker {
  send(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Called once, with its exit code or the signal that ended it. */
  onEnd(listener: (how: number | string) => void): void;
}

export interface WorkerGroupOptions {
  readonly workersCount: number;
  readonly start: () => Worker;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first worker ended before it was ready; it has said why. */
export class FirstWorkerEnded extends Error {
  constructor(readonly how: number | string) {
    super(`The first of the workers ended (${how}) before it was ready: what it said stands above`);
  }
}

interface Scrape {
  readonly asker: Worker;
  readonly texts: Map<number, string | null>;
  readonly end: () => void;
}

/** The processes that serve one address: started one after the other, replaced when they end, asked for their figures, stopped together. */
export class WorkerGroup {
  readonly #options: WorkerGroupOptions;
  /** By their numbers, from 1 on. */
  readonly #workers = new Map<number, Worker>();
  /** Those of them that serve: the others have no figures yet. */
  readonly #ready = new Set<number>();
  readonly #scrapes = new Map<string, Scrape>();
  readonly #cancels = new Set<() => void>();
  #againMs = AGAIN_FIRST_MS;
  #isStopping = false;
  #onEmpty = (): void => {};

  constructor(options: WorkerGroupOptions) {
    this.#options = options;
  }

  /** Resolves when the first is ready, with what it told, and all others have been started. Rejects with FirstWorkerEnded. */
  async start(): Promise<readonly Address[]> {
    // Alone: what is wrong with the settings is told once.
    const addresses = await new Promise<readonly Address[]>((resolve, reject) => {
      this.#begin(1, { ready: resolve, endedBefore: (how) => reject(new FirstWorkerEnded(how)) });
    });
    for (let number = 2; number <= this.#options.workersCount; number++) this.#begin(number);
    return addresses;
  }

  reload(): void {
    for (const worker of this.#workers.values()) worker.send({ kind: 'reload' });
  }

  /** Resolves when all have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const cancel of this.#cancels) cancel();
    if (this.#workers.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const worker of this.#workers.values()) worker.send({ kind: 'stop' });
    await empty;
  }

  #begin(
    number: number,
    first?: { ready: (addresses: readonly Address[]) => void; endedBefore: (how: number | string) => void },
  ): void {
    const worker = this.#options.start();
    this.#workers.set(number, worker);
    worker.onMessage((message) => {
      if (message.kind === 'scraped') this.#scrape(worker, message.scrape);
      else if (message.kind === 'figures') this.#heard(number, message);
      else {
        this.#ready.add(number);
        this.#againMs = AGAIN_FIRST_MS;
        first?.ready(message.addresses);
      }
    });
    worker.onEnd((how) => {
      this.#workers.delete(number);
      const wasReady = this.#ready.delete(number);
      if (this.#isStopping) {
        if (this.#workers.size === 0) this.#onEmpty();
      } else if (first && !wasReady) first.endedBefore(how);
      else this.#replace(number, how);
    });
  }

  #replace(number: number, how: number | string): void {
    const { clock, log } = this.#options;
    const inMs = this.#againMs;
    this.#againMs = Math.min(2 * inMs, AGAIN_LAST_MS);
    log.error({ worker: number, ended: how }, `A worker has ended, another takes its place in ${inMs} ms`);
    const cancel = clock.after(inMs, () => {
      this.#cancels.delete(cancel);
      this.#begin(number);
    });
    this.#cancels.add(cancel);
  }

  #scrape(asker: Worker, id: string): void {
    const texts = new Map<number, string | null>();
    const end = () => {
      cancel();
      this.#scrapes.delete(id);
      const found = [...texts].sort(([a], [b]) => a - b);
      asker.send({
        kind: 'joined',
        scrape: id,
        texts: found.map(([worker, text]): WorkerText => ({ worker, text })),
      });
    };
    const cancel = this.#options.clock.after(FIGURES_WITHIN_MS, () => {
      const missing = [...this.#ready].filter((number) => !texts.has(number));
      this.#options.log.warn(
        { workers: missing },
        'Workers gave no figures in time: a scrape goes without them',
      );
      end();
    });
    this.#scrapes.set(id, { asker, texts, end });
    for (const [number, worker] of this.#workers) {
      if (worker === asker) texts.set(number, null);
      else if (this.#ready.has(number)) worker.send({ kind: 'figures_wanted', scrape: id });
    }
    this.#endIfComplete(id);
  }

  #heard(number: number, { scrape, text }: Extract<FromWorker, { kind: 'figures' }>): void {
    this.#scrapes.get(scrape)?.texts.set(number, text);
    this.#endIfComplete(scrape);
  }

  #endIfComplete(id: string): void {
    const scrape = this.#scrapes.get(id);
    if (scrape && [...this.#ready].every((number) => scrape.texts.has(number))) scrape.end();
  }
}
