import type { Step } from './explore.js';
import type { Has } from './protocol-guards.js';
import { copyOf, type Entry, type Process, type Stamp, type State, TAGS } from './protocol-state.js';

/** A step that changes a copy of the state. */
export function step(state: State, name: string, change: (next: State) => void): Step<State> {
  const next = copyOf(state);
  change(next);
  return { name, next, wrong: null };
}

/** A step that may be wrong: `change` says what is. */
export function judgedStep(state: State, name: string, change: (next: State) => string | null): Step<State> {
  const next = copyOf(state);
  const wrong = change(next);
  return { name, next, wrong };
}

/** What every script on the control slot does first: a new root where writes may have been lost. */
export function control(next: State, has: Has): void {
  const { redis } = next;
  const isForeign = redis.isForeign && has('foreignIsLoss');
  const isLogLost = redis.isLogDeleted && has('deletedLogIsLoss');
  if (redis.root === 0 || isForeign || isLogLost) {
    const members = redis.members.map(() => -1);
    Object.assign(redis, { root: next.nextValue++, log: [], trimmedTo: 0, members, listAgeTicks: 0 });
  }
  redis.isForeign = false;
  redis.isLogDeleted = false;
}

export function createMissing(next: State): void {
  for (const tag of TAGS) if (next.redis[tag] === 0) next.redis[tag] = next.nextValue++;
}

/** The fill script. `isTaken`: the value is stored; `wrong`: it should not have been. */
export function fill(
  next: State,
  { token, entry }: { token: number; entry: Entry },
  has: Has,
): {
  isTaken: boolean;
  wrong: string | null;
} {
  const { redis } = next;
  if (has('fillComparesToken') && redis.lease?.token !== token) return { isTaken: false, wrong: null };
  const held = redis.value?.version ?? 0;
  redis.value = entry;
  if (redis.lease?.token === token) redis.lease = null;
  const isOlder = held > entry.version;
  return {
    isTaken: true,
    wrong: isOlder ? `a fill of version ${entry.version} replaced version ${held}` : null,
  };
}

/** The script of a load that ended with nothing to keep. */
export function end({ redis }: State, token: number, has: Has): void {
  if (redis.lease?.token === token || !has('endComparesToken')) redis.lease = null;
}

/** What the lease is for. Not counted: loads whose lease ran out or was lost, and those of whoever loads alone. */
export function loadsTwice({ redis, processes }: State): string | null {
  const isLoad = ({ reader }: Process) =>
    reader !== null && reader.token !== 0 && !reader.isLeaseLost && isSame(reader.proof, redis);
  return processes.filter(isLoad).length > 1 ? 'two loads run under the current generations' : null;
}

/** The lease is gone, and its holder loads on. */
export function loseLease({ redis, processes }: State): void {
  for (const process of processes)
    if (process.reader && process.reader.token === redis.lease?.token)
      process.reader = { ...process.reader, isLeaseLost: true };
  redis.lease = null;
}

export function isSame(one: Stamp, other: Stamp): boolean {
  return one.root === other.root && one.a === other.a && one.b === other.b;
}

export function answered(version: number, floor: number): string | null {
  return version < floor ? `answered version ${version}, and ${floor} was acknowledged before` : null;
}

export function stampOf({ root, a, b }: Stamp): Stamp {
  return { root, a, b };
}
