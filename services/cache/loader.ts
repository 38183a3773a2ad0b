import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { LoadCause } from './inspection.js';
import { loadInTime } from './load.js';
import type { CacheObserver } from './observer.js';
import { RecentFailures } from './recent-failures.js';
import type { CacheRequest, LoadedContent } from './request.js';

/** Runs loads, counts them, and remembers for a moment which ones failed. */
export class Loader {
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  readonly #failures: RecentFailures;

  constructor(options: { clock: Clock; observer: CacheObserver }) {
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#failures = new RecentFailures(options.clock);
  }

  async load(request: CacheRequest, cause: LoadCause): Promise<LoadedContent> {
    this.#observer.event('loads');
    try {
      const content = await loadInTime(request, this.#clock, cause);
      this.#failures.forget(request.key.hash);
      return content;
    } catch (error) {
      this.#observer.event('load_failures');
      this.#failures.note(request.key.hash, error);
      throw error;
    }
  }

  /** The failure of a moment ago, if it is still shared. */
  failureOf(request: CacheRequest): { readonly error: unknown } | undefined {
    return this.#failures.get(request.key.hash);
  }

  /** Whether the load of a moment ago was not even sent, because its source has too much to do. */
  isRefused(keyHash: string): boolean {
    const error = this.#failures.get(keyHash)?.error;
    return error instanceof DashcacheError && error.code === 'source_overloaded';
  }

  /** Another process's load of the key failed, and its error is shared for so long yet. */
  noteFailure(request: CacheRequest, error: unknown, lifeMs: number): void {
    this.#failures.note(request.key.hash, error, lifeMs);
  }

  isFailing(request: CacheRequest): boolean {
    return this.failureOf(request) !== undefined;
  }
}
