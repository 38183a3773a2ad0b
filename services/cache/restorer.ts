import type { RecentReads } from './recent-reads.js';
import type { CacheRequest } from './request.js';

/** So many loads at once: the readers of what is not at hand at all must get at the source too. */
const AT_ONCE_COUNT = 4;

export interface RestorerParts {
  readonly reads: RecentReads;
  /** Sees to it that something fresh is kept. Never rejects; false: there is no use in going on. */
  readonly restore: (request: CacheRequest) => Promise<boolean>;
}

/** Loads anew what can no longer be proven: each live key once, the hottest first, a few at a time. */
export class Restorer {
  readonly #reads: RecentReads;
  readonly #restore: (request: CacheRequest) => Promise<boolean>;
  /** In the order in which they are restored. */
  #waiting = new Map<string, CacheRequest>();
  #runningCount = 0;
  #isOver = false;

  constructor({ reads, restore }: RestorerParts) {
    this.#reads = reads;
    this.#restore = restore;
  }

  begin(): void {
    this.#waiting = new Map(this.#reads.hottestFirst().map((request) => [request.key.hash, request]));
    this.#goOn();
  }

  /** A reader was served what is not proven: it is restored as well, after what is hotter. */
  want(request: CacheRequest): void {
    if (!this.#waiting.has(request.key.hash)) this.#waiting.set(request.key.hash, request);
    this.#goOn();
  }

  end(): void {
    this.#isOver = true;
    this.#waiting.clear();
  }

  #goOn(): void {
    while (this.#runningCount < AT_ONCE_COUNT && !this.#isOver) {
      const [next] = this.#waiting.values();
      if (!next) return;
      this.#waiting.delete(next.key.hash);
      void this.#run(next);
    }
  }

  async #run(request: CacheRequest): Promise<void> {
    this.#runningCount++;
    const goesOn = await this.#restore(request).finally(() => this.#runningCount--);
    if (!goesOn) this.#waiting.clear();
    this.#goOn();
  }
}
