import { setImmediate } from 'node:timers/promises';
import type {
  ControlSlot,
  Invalidation,
  KnownPosition,
  LookAnswer,
  Standing,
  SwitchChange,
  SwitchState,
  Taken,
} from '../../services/cache/control-slot.js';
import { SlotTruth } from './slot-truth.js';

/** A call of the slot that the test lets through by hand: first at the server, then back to the caller. */
export interface ScriptedCall {
  readonly name: 'look' | 'invalidate' | 'switch';
  readonly tags: readonly string[];
  /** The server carries it out; the answer is still under way. */
  carryOut(): void;
  /** Carried out, if it was not yet, and answered. */
  answer(): void;
  /** The caller hears nothing of it, carried out or not. */
  lose(): void;
}

let slotsCount = 0;

/**
 * A control slot whose looks and changes the test releases; or, with `auto`, one that answers or is silent at once. What is said
 * of members and written back is carried out at once, unless the slot is silent.
 */
export class ScriptedSlot implements ControlSlot {
  readonly id = `process ${++slotsCount}`;
  trustMs = 1000;
  auto: 'answer' | 'silent' | null = null;
  /** Confirmations are lost: the others learn by the next look. */
  losesConfirmations = false;
  readonly truth: SlotTruth;
  /** Made and not yet answered, oldest first. */
  readonly calls: ScriptedCall[] = [];
  looksCount = 0;

  constructor(truth = new SlotTruth()) {
    this.truth = truth;
  }

  look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer> {
    this.looksCount++;
    return this.#call('look', tags, () => this.truth.look(known, tags, this.id));
  }

  invalidate(invalidation: Invalidation): Promise<Taken> {
    return this.#call('invalidate', invalidation.tags, () => this.truth.invalidate(invalidation));
  }

  switch(change: SwitchChange): Promise<Taken> {
    return this.#call('switch', [change.tag], () => this.truth.switch(change));
  }

  restore(tag: string, state: SwitchState): Promise<Taken> {
    return this.#atOnce(() => this.truth.restore(tag, state));
  }

  confirm({ root, position }: KnownPosition): Promise<void> {
    if (this.losesConfirmations) return Promise.reject(new Error('The slot did not answer in time'));
    return this.#atOnce(() => {
      if (root === this.truth.root && this.truth.members.has(this.id))
        this.truth.members.set(this.id, position);
    });
  }

  acknowledged(position: string): Promise<Standing> {
    return this.#atOnce(() => this.truth.acknowledged(position, this.id));
  }

  isReplicated(): Promise<boolean> {
    return this.#atOnce(() => this.truth.replicasCount > 0);
  }

  leave(): Promise<void> {
    return this.#atOnce(() => void this.truth.members.delete(this.id));
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

  #atOnce<T>(run: () => T): Promise<T> {
    if (this.auto === 'silent') return Promise.reject(new Error('The slot is silent'));
    return Promise.resolve().then(run);
  }

  #call<T>(name: ScriptedCall['name'], tags: readonly string[], run: () => T): Promise<T> {
    if (this.auto !== null) return this.#atOnce(run);
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
