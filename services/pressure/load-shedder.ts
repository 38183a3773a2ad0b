import { DashcacheError } from '../../errors.js';
import type { LoopPressure } from './loop-pressure.js';

/** By then the loop has usually caught up. */
const RETRY_AFTER_SECONDS = 2;

export interface LoadShedderOptions {
  readonly pressure: Pick<LoopPressure, 'isHigh'>;
  /** Told of every load that was not begun. */
  readonly shed: () => void;
}

/** While this process has more to do than it can, what is at hand goes on being served, and what is not is turned away, but for one at a time. */
export class LoadShedder {
  readonly #options: LoadShedderOptions;
  #underWayCount = 0;

  constructor(options: LoadShedderOptions) {
    this.#options = options;
  }

  /** Whether another load may begin. */
  get hasRoom(): boolean {
    return !this.#options.pressure.isHigh || this.#underWayCount === 0;
  }

  /** Rejects with service_overloaded where there is no room. */
  async run<T>(load: () => Promise<T>): Promise<T> {
    if (!this.hasRoom) {
      this.#options.shed();
      throw new DashcacheError('service_overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    this.#underWayCount++;
    try {
      return await load();
    } finally {
      this.#underWayCount--;
    }
  }
}
