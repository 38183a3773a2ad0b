import type { ErrorCode } from '../../errors.js';

const TOLD_EVERY_MS = 1000;
/** What is answered for having too much to do: a line for each would be more to do. */
const OF_OVERLOAD: ReadonlySet<ErrorCode> = new Set(['service_overloaded', 'source_overloaded']);

interface Told {
  readonly atMs: number;
  leftOutCount: number;
}

/** Which refusals get a line in the log: of those for overload the first of each code and second. */
export class RefusalLines {
  readonly #nowMs: () => number;
  readonly #told = new Map<ErrorCode, Told>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** How many of the code were left out since the last that got a line; null: this one is left out too. */
  tell(code: ErrorCode): number | null {
    if (!OF_OVERLOAD.has(code)) return 0;
    const nowMs = this.#nowMs();
    const told = this.#told.get(code);
    if (told && nowMs - told.atMs < TOLD_EVERY_MS) {
      told.leftOutCount++;
      return null;
    }
    this.#told.set(code, { atMs: nowMs, leftOutCount: 0 });
    return told?.leftOutCount ?? 0;
  }
}
