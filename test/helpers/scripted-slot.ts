import { setImmediate } from 'node:timers/promises';
import type {
  ControlSlot,
  Invalidation,
  KnownPosition,
  LookAnswer,
  TagChange,
} from '../../services/cache/control-slot.js';
import type { RootCause } from '../../services/cache/observer.js';
import { type Generation, newRoot } from '../../services/cache/stamp.js';

/** A call of the slot that the test lets through by hand: first at the server, then back to the caller. */
export interface ScriptedCall {
  readonly name: 'look' | 'invalidate';
  readonly tags: readonly string[];
  /** The server carries it out; the answer is still under way. */
  carryOut(): void;
  /** Carried out, if it was not yet, and answered. */
  answer(): void;
  /** The caller hears nothing of it, carried out or not. */
  lose(): void;
}

interface LogLine {
  readonly position: string;
  readonly change: TagChange | null;
}

/** What Redis would hold, with the accidents that happen to it. */
export class SlotTruth {
  #root = newRoot();
  #cause: RootCause | null = 'first';
  #written = 0;
  #madeCount = 0;
  #log: LogLine[] = [{ position: '0', change: null }];
  readonly #generations = new Map<string, Generation>();

  /** Counted, not random: tests make very many. */
  #newGeneration(): Generation {
    this.#madeCount++;
    const half = this.#madeCount.toString(16).padStart(15, '0');
    return { purge: `a${half}`, expire: `b${half}` };
  }

  get root(): string {
    return this.#root;
  }

  generationOf(tag: string): Generation {
    const known = this.#generations.get(tag) ?? this.#newGeneration();
    this.#generations.set(tag, known);
    return known;
  }

  invalidate({ tags, mode }: Invalidation): null {
    for (const tag of tags) {
      const fresh = this.#newGeneration();
      const known = this.generationOf(tag);
      const generation = mode === 'purge' ? fresh : { purge: known.purge, expire: fresh.expire };
      this.#generations.set(tag, generation);
      this.#written++;
      this.#log.push({ position: String(this.#written), change: { tag, generation } });
    }
    return null;
  }

  look(known: KnownPosition, tags: readonly string[]): LookAnswer {
    const at = this.#log.findIndex((line) => line.position === known.position);
    const reaches = known.root === this.#root && at !== -1;
    const changes = this.#log.slice(at + 1).flatMap(({ change }) => (change ? [change] : []));
    const newRootCause = this.#cause;
    this.#cause = null;
    return {
      root: this.#root,
      position: String(this.#written),
      newRoot: newRootCause,
      changes: reaches ? changes : 'gap',
      generations: tags.map((tag) => this.generationOf(tag)),
    };
  }

  /** The log no longer reaches back before its newest line. */
  trim(): void {
    this.#log = this.#log.slice(-1);
  }

  evict(tag: string): void {
    this.#generations.delete(tag);
  }

  /** All is lost, and the next look makes a new root. */
  lose(cause: RootCause = 'lost'): void {
    this.#root = newRoot();
    this.#cause = cause;
    this.#generations.clear();
    this.#written = 0;
    this.#log = [{ position: '0', change: null }];
  }
}

/** A control slot whose answers the test releases; or, with `auto`, one that answers or is silent at once. */
export class ScriptedSlot implements ControlSlot {
  trustMs = 1000;
  auto: 'answer' | 'silent' | null = null;
  readonly truth: SlotTruth;
  /** Made and not yet answered, oldest first. */
  readonly calls: ScriptedCall[] = [];
  looksCount = 0;

  constructor(truth = new SlotTruth()) {
    this.truth = truth;
  }

  look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer> {
    this.looksCount++;
    return this.#call('look', tags, () => this.truth.look(known, tags));
  }

  invalidate(invalidation: Invalidation): Promise<RootCause | null> {
    return this.#call('invalidate', invalidation.tags, () => this.truth.invalidate(invalidation));
  }

  /** The oldest call not yet answered; fails the test when none comes. */
  async next(): Promise<ScriptedCall> {
    for (let turn = 0; turn < 20; turn++) {
      const call = this.calls[0];
      if (call) return call;
      await setImmediate();
    }
    throw new Error('Nothing was asked of the slot');
  }

  #call<T>(name: ScriptedCall['name'], tags: readonly string[], run: () => T): Promise<T> {
    if (this.auto === 'silent') return Promise.reject(new Error('The slot is silent'));
    if (this.auto === 'answer') return Promise.resolve().then(run);
    return new Promise<T>((resolve, reject) => {
      let carried: { readonly result: T } | null = null;
      const remove = (): void => {
        this.calls.splice(this.calls.indexOf(call), 1);
      };
      const call: ScriptedCall = {
        name,
        tags,
        carryOut: () => {
          carried ??= { result: run() };
        },
        answer: () => {
          remove();
          carried ??= { result: run() };
          resolve(carried.result);
        },
        lose: () => {
          remove();
          reject(new Error('The slot did not answer in time'));
        },
      };
      this.calls.push(call);
    });
  }
}
