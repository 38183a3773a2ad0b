import type { Fault } from './faults.js';

/** The names of the methods of T. */
export type MethodOf<T> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof T] &
  string;

/**
 * A script of faults for one thing: by method, first those for the next calls in order, then the one that lasts. Calls that
 * none is meant for go through.
 */
export class FaultScript<Name extends string> {
  /** Calls made, whatever became of them, in order. */
  readonly calls: Name[] = [];
  readonly #next = new Map<Name, Fault[]>();
  readonly #lasting = new Map<Name, Fault>();

  /** For the next call of this method that nothing is planned for yet. */
  next(name: Name, ...faults: readonly Fault[]): this {
    this.#next.set(name, [...(this.#next.get(name) ?? []), ...faults]);
    return this;
  }

  /** For every call of these methods from now on. */
  always(names: Name | readonly Name[], fault: Fault): this {
    for (const name of typeof names === 'string' ? [names] : names) this.#lasting.set(name, fault);
    return this;
  }

  /** No faults any more; calls that hang go on hanging. */
  heal(): void {
    this.#next.clear();
    this.#lasting.clear();
  }

  countOf(name: Name): number {
    return this.calls.filter((called) => called === name).length;
  }

  /** For the wrapper. */
  call(name: Name, run: () => unknown): unknown {
    this.calls.push(name);
    const fault = this.#next.get(name)?.shift() ?? this.#lasting.get(name);
    return fault ? fault(run) : run();
  }
}

export interface Faulty<T> {
  /** To be used in place of the real one. */
  readonly it: T;
  readonly faults: FaultScript<MethodOf<T>>;
}

/**
 * Puts faults before a real thing: a store, control slot, bus, lease or source, or whatever has methods. It stays of the same
 * type, and methods that are added to it later are covered too. What it asks of itself goes through.
 *
 *     const slot = faulty<ControlSlot>(new RedisControlSlot(...));
 *     slot.faults.next('look', losesAnswer()).always('invalidate', refuses());
 *     const generations = new Generations({ slot: slot.it, ... });
 */
export function faulty<T extends object>(real: T): Faulty<T> {
  const faults = new FaultScript<MethodOf<T>>();
  const it = new Proxy(real, {
    get(target, name) {
      // With the real one as `this`: private fields know no other.
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...args: unknown[]) =>
        faults.call(name as MethodOf<T>, () => Reflect.apply(value, target, args) as unknown);
    },
  });
  return { it, faults };
}
