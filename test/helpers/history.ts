/**
 * What happened in a run, by all its processes, on one clock. The clock is the system's monotonic one (process.hrtime counts
 * from the start of the host, not of the process), so instants of several processes of one host compare; of several hosts they
 * do not. A process tells its operations as JSON, one a line: nothing in them is lost by that.
 */
export interface ReadOperation extends Interval {
  readonly kind: 'read';
  readonly key: string;
  /** What the answer carried. A read that failed is not recorded: it was answered with nothing. */
  readonly version: number;
  /** Marked so in the answer. */
  readonly isStale: boolean;
  readonly isUnproven: boolean;
}

/** A change of the source: committed somewhere between its begin and its end. Versions of one key only ever rise. */
export interface WriteOperation extends Interval {
  readonly kind: 'write';
  readonly key: string;
  readonly version: number;
}

export type InvalidationKind = 'purge' | 'purge without waiting' | 'expire';

/** An invalidation that was acknowledged at its end. One that was refused is not recorded: nothing was promised. */
export interface InvalidationOperation extends Interval {
  readonly kind: InvalidationKind;
  /** All keys that it covers. */
  readonly keys: readonly string[];
}

interface Interval {
  readonly process: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

export type Operation = ReadOperation | WriteOperation | InvalidationOperation;

/** Ms since the start of the host, the same in all its processes. */
export function hostNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Records the operations of one process. Each method gives back what the work gave; work that fails is not recorded. */
export class HistoryRecorder {
  readonly operations: Operation[] = [];
  readonly #process: string;
  readonly #now: () => number;
  readonly #tell: (operation: Operation) => void;

  /** `tell` hears of every operation as it ends, e.g. to print it for another process. */
  constructor(process: string, options: { now?: () => number; tell?: (operation: Operation) => void } = {}) {
    this.#process = process;
    this.#now = options.now ?? hostNowMs;
    this.#tell = options.tell ?? (() => {});
  }

  read<T extends { readonly version: number; readonly isStale?: boolean; readonly isUnproven?: boolean }>(
    key: string,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.#during(work, ({ version, isStale = false, isUnproven = false }, interval) => {
      return { kind: 'read', key, version, isStale, isUnproven, ...interval };
    });
  }

  write<T>(key: string, version: number, work: () => Promise<T>): Promise<T> {
    return this.#during(work, (_, interval) => ({ kind: 'write', key, version, ...interval }));
  }

  invalidate<T>(kind: InvalidationKind, keys: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#during(work, (_, interval) => ({ kind, keys, ...interval }));
  }

  async #during<T>(
    work: () => Promise<T>,
    operationOf: (result: T, interval: Interval) => Operation,
  ): Promise<T> {
    const beganMs = this.#now();
    const result = await work();
    const operation = operationOf(result, { process: this.#process, beganMs, endedMs: this.#now() });
    this.operations.push(operation);
    this.#tell(operation);
    return result;
  }
}
