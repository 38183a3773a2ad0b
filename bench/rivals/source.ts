import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { within } from './within.js';

/** What the source answers: the version a key had when the load began. */
export interface Versioned {
  readonly key: string;
  readonly version: number;
}

const ARRIVE_WITHIN_MS = 20_000;

/** The slow source behind all processes, on 127.0.0.1. It counts its runs, so nobody can answer without being seen. */
export class Source {
  /** How long a run takes. */
  delayMs = 0;
  readonly #versions = new Map<string, number>();
  readonly #runs = new Map<string, number>();
  #held: (() => void)[] | null = null;
  #onArrival = (): void => {};
  readonly #server = createServer((request, response) => {
    const key = new URL(request.url ?? '', 'http://source').searchParams.get('key') ?? '';
    this.#run(key, response);
  });

  static async start(): Promise<Source> {
    const source = new Source();
    await new Promise<void>((resolve) => source.#server.listen(0, '127.0.0.1', resolve));
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/load`;
  }

  runsOf(key: string): number {
    return this.#runs.get(key) ?? 0;
  }

  versionOf(key: string): number {
    return this.#versions.get(key) ?? 1;
  }

  /** Runs that began before it give the old version, however late they answer. */
  change(key: string): void {
    this.#versions.set(key, this.versionOf(key) + 1);
  }

  /** From now on runs begin, but answer only after `release`. */
  hold(): void {
    this.#held = [];
  }

  /** Resolves when so many runs have begun since `hold`. */
  async arrived(runsCount: number): Promise<void> {
    const all = new Promise<void>((resolve) => {
      this.#onArrival = () => {
        if ((this.#held?.length ?? 0) >= runsCount) resolve();
      };
      this.#onArrival();
    });
    await within(all, ARRIVE_WITHIN_MS, `${runsCount} loads did not begin`);
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const answer of held) answer();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #run(key: string, response: ServerResponse): void {
    this.#runs.set(key, this.runsOf(key) + 1);
    const body: Versioned = { key, version: this.versionOf(key) };
    const answer = () => response.end(JSON.stringify(body));
    if (this.#held) {
      this.#held.push(answer);
      this.#onArrival();
    } else setTimeout(answer, this.delayMs);
  }
}
