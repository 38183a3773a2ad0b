import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { QueryQueue } from './query-queue.js';
import type { QueryLimits, SourceObserver } from './source.js';

/** Waiters for each query that may run, and how long the longest of them waits. */
const WAITING_PER_QUERY_COUNT = 25;
const MAX_WAIT_MS = 10_000;
/** How long a reader is kept waiting for the source to confirm that an aborted query has ended. */
const STOP_GRACE_MS = 1000;

export interface QueryRunsOptions {
  /** The source's name. */
  readonly name: string;
  /** Queries at once. */
  readonly concurrencyCount: number;
  readonly observer: SourceObserver;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * The queries of one source from their arrival to their end: each waits for a place, ends when its reader's signal aborts or
 * the source is closed, and holds its place until nothing of it goes on.
 */
export class QueryRuns {
  readonly #options: QueryRunsOptions;
  readonly #queue: QueryQueue;
  /** One for each query under way or waiting: closing aborts them all. */
  readonly #endings = new Set<AbortController>();

  constructor(options: QueryRunsOptions) {
    const { concurrencyCount, clock } = options;
    this.#options = options;
    this.#queue = new QueryQueue({
      concurrencyCount,
      maxWaitingCount: concurrencyCount * WAITING_PER_QUERY_COUNT,
      maxWaitMs: MAX_WAIT_MS,
      clock,
    });
  }

  /**
   * Runs `action` once there is a place, with a signal that also aborts when the source is closed. It must settle only when
   * nothing goes on in the source. The reader is let go at most a grace after the abort, with the reason of it.
   */
  async run<Limits extends Pick<QueryLimits, 'signal' | 'deadlineAtMs' | 'turn'>, T>(
    limits: Limits,
    action: (limits: Limits) => Promise<T>,
  ): Promise<T> {
    // Not AbortSignal.any: on Node 20 it keeps every signal that was ever joined to one that lives on.
    const ending = new AbortController();
    const end = () => ending.abort(limits.signal.reason);
    if (limits.signal.aborted) end();
    limits.signal.addEventListener('abort', end, { once: true });
    this.#endings.add(ending);
    const { signal } = ending;
    try {
      const release = await this.#queue.enter(signal, { maxWaitMs: this.#waitMs(limits), turn: limits.turn });
      return await hold(release, signal, () => action({ ...limits, signal }));
    } catch (error) {
      throw signal.aborted ? abortError(signal) : error;
    } finally {
      limits.signal.removeEventListener('abort', end);
      this.#endings.delete(ending);
    }
  }

  /** Tells the observer of a query that really reached the source. Statistics can never break a read. */
  tell(durationMs: number, failed: boolean): void {
    const { name, observer, log } = this.#options;
    try {
      observer.sourceQuery(name, durationMs, failed);
    } catch (error) {
      log.warn({ err: error }, 'The observer of sources failed');
    }
  }

  /** Ends what runs and what waits, and refuses what comes. Returns the error that all of them get. */
  close(): DashcacheError {
    const error = new DashcacheError('source_down', { detail: 'The data source is being closed.' });
    this.#queue.close(error);
    for (const ending of this.#endings) ending.abort(error);
    return error;
  }

  /** Who gets a place just before the deadline only costs the database a query: half of the time is for waiting. */
  #waitMs({ deadlineAtMs }: Pick<QueryLimits, 'deadlineAtMs'>): number {
    if (deadlineAtMs === undefined) return MAX_WAIT_MS;
    return Math.max(0, Math.min(MAX_WAIT_MS, (deadlineAtMs - this.#options.clock.monotonicMs()) / 2));
  }
}

/** Keeps the place until the query has really ended, and the reader at most a grace beyond the abort. */
function hold<T>(release: () => void, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let giveUp: NodeJS.Timeout | undefined;
    const onAbort = () => {
      giveUp = setTimeout(() => reject(signal.reason), STOP_GRACE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    action()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(giveUp);
        signal.removeEventListener('abort', onAbort);
        release();
      });
  });
}

/** Why a query was aborted: what the signal says when it is one of ours, else its deadline. */
export function abortError(signal: AbortSignal): DashcacheError {
  return signal.reason instanceof DashcacheError
    ? signal.reason
    : new DashcacheError('source_deadline', { cause: signal.reason });
}
