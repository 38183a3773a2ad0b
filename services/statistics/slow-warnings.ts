import type { CacheOperation } from '../cache/observer.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';

const QUIET_MS = 10_000;

/** Warns of slow cache operations, at most once in 10 s for each kind, and says how many it kept quiet about. */
export class SlowWarnings {
  slowCount = 0;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #slowMs: number;
  readonly #warned = new Map<CacheOperation, { atMs: number; suppressedCount: number }>();

  constructor(options: { clock: Clock; log: Log; slowOperationMs: number }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#slowMs = options.slowOperationMs;
  }

  note(operation: CacheOperation, durationMs: number): void {
    if (!(durationMs > this.#slowMs)) return;
    this.slowCount++;
    const nowMs = this.#clock.monotonicMs();
    const last = this.#warned.get(operation);
    if (last && nowMs - last.atMs < QUIET_MS) {
      last.suppressedCount++;
      return;
    }
    this.#warned.set(operation, { atMs: nowMs, suppressedCount: 0 });
    this.#warn(operation, durationMs, last?.suppressedCount ?? 0);
  }

  #warn(operation: CacheOperation, durationMs: number, suppressedCount: number): void {
    const others =
      suppressedCount === 0 ? '' : ` (${suppressedCount} more slow ones since the last such warning)`;
    this.#log.warn(
      {
        operation,
        duration_ms: Math.round(durationMs * 10) / 10,
        threshold_ms: this.#slowMs,
        suppressed: suppressedCount,
      },
      `Slow cache operation ${operation}: ${durationMs.toFixed(1)} ms, more than the ${this.#slowMs} ms of SLOW_CACHE_THRESHOLD${others}`,
    );
  }
}
