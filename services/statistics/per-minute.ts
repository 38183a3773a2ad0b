const SLOTS_COUNT = 60;
const SLOT_MS = 1000;

/** How many events the last 60 seconds saw: a ring of seconds, so that old ones leave one by one. */
export class PerMinute {
  readonly #slots = new Float64Array(SLOTS_COUNT);
  #lastSlot = 0;

  add(monotonicMs: number): void {
    const at = this.#turnTo(monotonicMs) % SLOTS_COUNT;
    this.#slots[at] = (this.#slots[at] ?? 0) + 1;
  }

  count(monotonicMs: number): number {
    this.#turnTo(monotonicMs);
    return this.#slots.reduce((sum, count) => sum + count, 0);
  }

  /** Empties the seconds that have come round again. */
  #turnTo(monotonicMs: number): number {
    const slot = Math.max(this.#lastSlot, Math.floor(monotonicMs / SLOT_MS));
    const passedCount = Math.min(SLOTS_COUNT, slot - this.#lastSlot);
    for (let i = 1; i <= passedCount; i++) this.#slots[(this.#lastSlot + i) % SLOTS_COUNT] = 0;
    this.#lastSlot = slot;
    return slot;
  }
}
