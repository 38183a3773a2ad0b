import type { SwitchState } from './control-slot.js';

/**
 * How the switches of tags stand, as far as this process knows (docs/decisions/005-switch-by-tag.md). States are merged, never
 * overwritten: the higher number wins, and of two with the same number the one that is off.
 */
export class Switches {
  readonly #states = new Map<string, SwitchState>();
  readonly #off = new Set<string>();

  /** No work while nothing is off. */
  isAnyOff(tags: readonly string[]): boolean {
    return this.#off.size > 0 && tags.some((tag) => this.#off.has(tag));
  }

  numberOf(tag: string): number {
    return this.#states.get(tag)?.number ?? 0;
  }

  /** Every switch that was ever moved: whether it is off. */
  all(): ReadonlyMap<string, boolean> {
    return new Map([...this.#states].map(([tag, { isOff }]) => [tag, isOff]));
  }

  /** Whether this changed how the tag stands. */
  learn(tag: string, state: SwitchState): boolean {
    const known = this.#states.get(tag);
    if (known && !wins(state, known)) return false;
    this.#states.set(tag, state);
    const wasOff = this.#off.has(tag);
    if (state.isOff) this.#off.add(tag);
    else this.#off.delete(tag);
    return wasOff !== state.isOff;
  }

  /** Moved by this process before the slot has taken it. Whether this changed how the tag stands. */
  moveHere({ tag, enabled, id }: { tag: string; enabled: boolean; id: string }): boolean {
    return this.learn(tag, { isOff: !enabled, number: this.numberOf(tag) + 1, id });
  }

  /** What is known better here than there: lost in Redis, or older. */
  missingIn(others: ReadonlyMap<string, SwitchState>): [tag: string, state: SwitchState][] {
    return [...this.#states].filter(([tag, state]) => {
      const other = others.get(tag);
      return !other || wins(state, other);
    });
  }
}

function wins(state: SwitchState, known: SwitchState): boolean {
  return state.number > known.number || (state.number === known.number && state.isOff && !known.isOff);
}
