import { Agent, request } from 'node:http';
import type { Lifetime } from '../../helpers/lifetime.js';

/**
 * What became of a request. `closed`: a connection on which others had been answered ended without a byte of an answer; `refused`:
 * there was no connection, or a new one that nobody accepted any more; `truncated`: an answer had begun, and did not end.
 */
export type Fate = 'answered' | 'closed' | 'refused' | 'truncated';

export interface SentRequest {
  readonly reader: number;
  readonly path: string;
  /** Monotonic, of this process. */
  readonly sentAtMs: number;
  readonly endedAtMs: number;
  readonly fate: Fate;
  /** 0 without an answer. */
  readonly status: number;
}

/** Readers who keep their connections open, each asking again as soon as it is answered, until nobody listens any more. */
export class PersistentReaders {
  /** In the order of their ends. */
  readonly requests: SentRequest[] = [];
  /** Resolves when every reader was refused, or has been stopped. */
  readonly done: Promise<unknown>;
  readonly #connectionsCount: number;
  #isStopped = false;

  constructor(
    t: Lifetime,
    options: { url: string; connectionsCount: number; nextPath: (reader: number) => string },
  ) {
    const { url, connectionsCount, nextPath } = options;
    this.#connectionsCount = connectionsCount;
    const readers = Array.from({ length: connectionsCount }, (_, reader) =>
      this.#readOn(reader, url, nextPath),
    );
    this.done = Promise.all(readers);
    t.teardown(() => this.stop());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.done;
  }

  /** Whether everybody has been answered, and so has a connection. */
  get areAllAnswered(): boolean {
    return new Set(this.requests.map(({ reader }) => reader)).size === this.#connectionsCount;
  }

  async #readOn(reader: number, url: string, nextPath: (reader: number) => string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let isOver = false; !isOver && !this.#isStopped; ) {
        const sent = await send(agent, url, nextPath(reader));
        this.requests.push({ reader, ...sent });
        isOver = sent.fate === 'refused';
      }
    } finally {
      agent.destroy();
    }
  }
}

function send(agent: Agent, url: string, path: string): Promise<Omit<SentRequest, 'reader'>> {
  const sentAtMs = performance.now();
  return new Promise((resolve) => {
    const end = (fate: Fate, status = 0) =>
      resolve({ path, sentAtMs, endedAtMs: performance.now(), fate, status });
    const sent = request(url, { path, agent }, (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      response.on('error', () => {});
      response.on('close', () => {
        end(response.complete ? 'answered' : 'truncated', statusCode);
      });
    });
    sent.on('error', ({ code }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' ? 'refused' : 'closed'),
    );
    sent.end();
  });
}
