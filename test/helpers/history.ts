/** A read that was answered. One that failed is not recorded: it was answered with nothing. */
export interface ReadOperation extends Interval {
  readonly kind: 'read';
  readonly key: string;
  /** What the answer carried. */
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

/**
 * Ms on a clock that all processes of this host share: process.hrtime counts from the start of the host, not of the process, and
 * is never set. performance.now() counts from the start of its process, and adding performance.timeOrigin would bring in
 * whatever was done to the wall clock between two starts. Of several hosts instants do not compare.
 */
export function hostNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Records the operations of one process. Each method gives back what the work gave; work that fails is not recorded. Operations
 * are plain data: a process tells them to another as JSON, one a line, and `checkHistory` takes those of all together.
 */
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
