interface NextLook {
  readonly tags: Set<string>;
  readonly answered: Promise<boolean>;
  readonly settle: (ok: boolean) => void;
}

/**
 * One look at a time: answers of two could be applied out of order. Whoever comes while one is under way shares the next,
 * because the running one was sent before he came.
 */
export class LookTurns {
  readonly #run: (tags: readonly string[]) => Promise<boolean>;
  #isRunning = false;
  #next: NextLook | null = null;

  /** `run` makes one look, says whether it was answered, and never rejects. */
  constructor(run: (tags: readonly string[]) => Promise<boolean>) {
    this.#run = run;
  }

  /** Whether the look was answered. */
  look(tags: readonly string[]): Promise<boolean> {
    if (!this.#isRunning) return this.#lookNow(tags);
    this.#next ??= nextLook();
    for (const tag of tags) this.#next.tags.add(tag);
    return this.#next.answered;
  }

  async #lookNow(tags: readonly string[]): Promise<boolean> {
    this.#isRunning = true;
    try {
      return await this.#run(tags);
    } finally {
      this.#isRunning = false;
      const next = this.#next;
      this.#next = null;
      if (next) void this.#lookNow([...next.tags]).then(next.settle);
    }
  }
}

function nextLook(): NextLook {
  let settle: (ok: boolean) => void = () => {};
  const answered = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return { tags: new Set(), answered, settle };
}
