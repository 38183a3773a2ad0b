import { COUNTERS, READ_COUNTER_NAMES, READ_LAYERS, READ_OUTCOMES, type ReadCounters } from './counters.js';
import type { ReadLayer, ReadOutcome } from './recorder.js';

const LAYERS_COUNT = READ_LAYERS.length;
const CELLS_COUNT = READ_OUTCOMES.length * LAYERS_COUNT;
const OUTCOME_AT = new Map(READ_OUTCOMES.map((outcome, i) => [outcome, i * LAYERS_COUNT]));
const LAYER_AT = new Map(READ_LAYERS.map((layer, i) => [layer, i]));

/**
 * Reads by outcome and layer. Only these disjoint cells are counted; every counter is summed from them when asked for,
 * so the counters add up by construction (invariant 12).
 */
export class ReadCounts {
  readonly #cells: Float64Array;

  constructor(cells: readonly number[] = []) {
    this.#cells = new Float64Array(CELLS_COUNT);
    this.#cells.set(cells.slice(0, CELLS_COUNT));
  }

  add(outcome: ReadOutcome, layer: ReadLayer): void {
    const at = (OUTCOME_AT.get(outcome) ?? Number.NaN) + (LAYER_AT.get(layer) ?? Number.NaN);
    this.#cells[at] = (this.#cells[at] ?? 0) + 1;
  }

  merge(other: ReadCounts): this {
    for (let i = 0; i < CELLS_COUNT; i++) this.#cells[i] = (this.#cells[i] ?? 0) + (other.#cells[i] ?? 0);
    return this;
  }

  /** What was counted after `earlier`, an older copy of these counts. */
  since(earlier: ReadCounts): ReadCounts {
    return new ReadCounts(this.cells().map((count, i) => Math.max(0, count - (earlier.#cells[i] ?? 0))));
  }

  count(outcome: ReadOutcome, layer: ReadLayer): number {
    return this.#cells[(OUTCOME_AT.get(outcome) ?? 0) + (LAYER_AT.get(layer) ?? 0)] ?? 0;
  }

  counters(): ReadCounters {
    const counters: Partial<ReadCounters> = {};
    for (const name of READ_COUNTER_NAMES) {
      let sum = 0;
      for (const outcome of COUNTERS.reads[name].outcomes)
        for (const layer of READ_LAYERS) sum += this.count(outcome, layer);
      counters[name] = sum;
    }
    return counters as ReadCounters;
  }

  /** The cells in a fixed order, for the constructor of another process. */
  cells(): number[] {
    return [...this.#cells];
  }
}

/** hits of hits and misses in percent, rounded to 2 digits; 0 without such reads. */
export function hitRate(counters: { readonly hits: number; readonly misses: number }): number {
  const reads = counters.hits + counters.misses;
  return reads === 0 ? 0 : Math.round((10_000 * counters.hits) / reads) / 100;
}

/** What a hit rate in percent asks of the people who declare the panels. */
export function recommendation(hitRatePercent: number, readsCount: number): string {
  if (readsCount === 0) return 'No reads yet';
  if (hitRatePercent >= 80) return 'Excellent hit rate';
  if (hitRatePercent >= 60) return 'Good hit rate';
  if (hitRatePercent >= 40) return 'Lengthen TTLs or warm the cache';
  return 'Poor hit rate: review what is cached and for how long';
}
