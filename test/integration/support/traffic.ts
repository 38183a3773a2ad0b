import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { type Answer, ask } from './ask.js';

export interface Traffic {
  readonly sentCount: number;
  /** Answers of 500 and more, and requests without an answer, as sentences. */
  readonly faults: readonly string[];
  /** How often each detail of Cache-Status was seen, and `miss` for all others. */
  readonly details: Readonly<Record<string, number>>;
  /** Longest wait for an answer. */
  readonly slowestMs: number;
  stop(): Promise<void>;
}

const CONNECTIONS_COUNT = 8;
const PAUSE_MS = 5;

/** Readers on connections of their own, who ask for one address after the other until they are stopped. */
export function traffic(t: Test, url: string, paths: readonly string[]): Traffic {
  const readers = new Readers(url, paths);
  t.teardown(() => readers.stop());
  return readers;
}

class Readers implements Traffic {
  sentCount = 0;
  slowestMs = 0;
  readonly faults: string[] = [];
  readonly details: Record<string, number> = {};
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_COUNT });
  readonly #done: Promise<unknown>;
  #stopping = false;

  constructor(
    readonly url: string,
    readonly paths: readonly string[],
  ) {
    this.#done = Promise.all(Array.from({ length: CONNECTIONS_COUNT }, (_, index) => this.#read(index)));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
    this.#agent.destroy();
  }

  async #read(first: number): Promise<void> {
    for (let i = first; !this.#stopping; i++) {
      const path = this.paths[i % this.paths.length] ?? '/';
      const startMs = performance.now();
      this.sentCount++;
      try {
        this.#note(path, await ask(this.url + path, { agent: this.#agent }));
      } catch (error) {
        this.faults.push(`${path}: ${String(error)}`);
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startMs);
      await sleep(PAUSE_MS);
    }
  }

  #note(path: string, answer: Answer): void {
    if (answer.status !== 200) this.faults.push(`${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
    const [, detail = 'miss'] = /detail=([\w-]+)/.exec(answer.cacheStatus) ?? [];
    this.details[detail] = (this.details[detail] ?? 0) + 1;
  }
}
