/** A body that was read, and the tag under which the service can be asked whether it still holds. */
export interface KeptBody {
  readonly etag: string;
  readonly body: unknown;
}

/** The last bodies by address, the longest unused first to go. A 304 gives the very object that was given before. */
export class KeptBodies {
  readonly #maxCount: number;
  readonly #kept = new Map<string, KeptBody>();

  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  get(url: string): KeptBody | undefined {
    const kept = this.#kept.get(url);
    if (kept) this.#use(url, kept);
    return kept;
  }

  keep(url: string, kept: KeptBody): void {
    this.#use(url, kept);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= this.#maxCount) return;
      this.#kept.delete(oldest);
    }
  }

  clear(): void {
    this.#kept.clear();
  }

  #use(url: string, kept: KeptBody): void {
    this.#kept.delete(url);
    this.#kept.set(url, kept);
  }
}
