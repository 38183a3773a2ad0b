import type { CacheAnswer } from './answer.js';

/** Readers who want nothing that was read before they asked: of each key one load runs for them, and one at most waits for its turn. */
export class Reloads {
  /** Not begun yet: whoever asks now may have it. */
  readonly #waiting = new Map<string, Promise<CacheAnswer>>();
  readonly #last = new Map<string, Promise<CacheAnswer>>();

  /** Runs after the one before has ended; later callers join it until it says that it begins. */
  async join(keyHash: string, load: (begins: () => void) => Promise<CacheAnswer>): Promise<CacheAnswer> {
    const waiting = this.#waiting.get(keyHash);
    if (waiting) return collapsed(await waiting);
    const landed = this.#after(this.#last.get(keyHash), () => load(begins));
    const begins = () => {
      if (this.#waiting.get(keyHash) === landed) this.#waiting.delete(keyHash);
    };
    this.#waiting.set(keyHash, landed);
    this.#last.set(keyHash, landed);
    try {
      return await landed;
    } finally {
      begins();
      if (this.#last.get(keyHash) === landed) this.#last.delete(keyHash);
    }
  }

  async #after(
    before: Promise<CacheAnswer> | undefined,
    load: () => Promise<CacheAnswer>,
  ): Promise<CacheAnswer> {
    // Also without one before: those who ask in this very moment join.
    await before?.catch(() => {});
    if (!before) await Promise.resolve();
    return load();
  }
}

function collapsed(answer: CacheAnswer): CacheAnswer {
  return answer.outcome === 'miss' ? { ...answer, outcome: 'collapsed' } : answer;
}
