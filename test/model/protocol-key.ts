import type { Change, Entry, Lease, Look, Process, Reader, Redis, Stamp, State } from './protocol-state.js';

const PHASES: Readonly<Record<Reader['phase'], number>> = {
  looks: 1,
  asks: 2,
  leases: 3,
  queries: 4,
  stamps: 5,
  fills: 6,
};

/** States that differ only in which random values were drawn, or in which process is called the first, have the same key. */
export function keyOf(state: State): string {
  const [rank, otherRank] = [rankOf(state, 0), rankOf(state, 1)];
  const key = new KeyWriter().write(state, rank <= otherRank ? [0, 1] : [1, 0]);
  if (rank !== otherRank) return key;
  const other = new KeyWriter().write(state, [1, 0]);
  return [key, other].sort()[0] ?? key;
}

/** Says mostly which process is the first, by what is no random value and much cheaper than the key. */
function rankOf({ processes, redis }: State, index: number): number {
  const process = processes[index];
  if (!process) return -1;
  const { position, trustTicks, looks, reader, memory } = process;
  const parts = [
    (redis.members[index] ?? -1) + 1,
    position,
    trustTicks,
    looks.length,
    reader ? PHASES[reader.phase] : 0,
    reader ? reader.version + reader.metCount : 0,
    memory ? memory.version + 1 : 0,
  ];
  return parts.reduce((rank, part) => rank * 16 + part, 0);
}

class KeyWriter {
  readonly #codes: number[] = [];
  readonly #names: number[] = [];

  write(state: State, order: readonly number[]): string {
    const { purge, left } = state;
    this.#numbers(state.version, state.acknowledged);
    this.#numbers(left.purge, left.silentWrite, left.runOut, left.evict, left.lose);
    this.#numbers(left.jump, left.fail, left.crash);
    if (this.#has(purge)) {
      this.#numbers(purge.version, purge.position, purge.ticks);
      this.#random(purge.root);
    }
    this.#redis(state.redis, order);
    if (this.#has(state.copy)) this.#redis(state.copy, order);
    for (const index of order) this.#process(state.processes[index]);
    return String.fromCharCode(...this.#codes);
  }

  #redis(redis: Redis, order: readonly number[]): void {
    this.#stamp(redis);
    this.#changes(redis.log);
    this.#numbers(redis.trimmedTo, redis.listAgeTicks, Number(redis.isForeign), Number(redis.isLogDeleted));
    for (const index of order) this.#numbers(redis.members[index] ?? -1);
    this.#entry(redis.value);
    this.#lease(redis.lease);
  }

  #process(process: Process | undefined): void {
    if (!process) return;
    this.#stamp(process);
    this.#numbers(process.position, process.trustTicks, process.looks.length);
    this.#entry(process.memory);
    for (const look of process.looks) this.#look(look);
    const { reader, lateFill } = process;
    if (this.#has(reader)) {
      this.#numbers(PHASES[reader.phase], reader.floor, reader.version);
      this.#numbers(reader.metCount, Number(reader.isLeaseLost));
      this.#stamp(reader.proof);
      this.#random(reader.token);
      this.#random(reader.overtake);
      this.#lease(reader.met);
    }
    if (this.#has(lateFill)) {
      this.#random(lateFill.token);
      this.#entry(lateFill.entry);
    }
  }

  #look(look: Look): void {
    this.#stamp(look);
    this.#numbers(Number(look.isForTags), look.position, Number(look.isGap), look.ageTicks);
    this.#changes(look.changes);
  }

  #entry(entry: Entry | null): void {
    if (!this.#has(entry)) return;
    this.#numbers(entry.version);
    this.#stamp(entry);
  }

  #lease(lease: Lease | null): void {
    if (!this.#has(lease)) return;
    this.#random(lease.token);
    this.#stamp(lease);
  }

  #changes(changes: readonly Change[]): void {
    this.#numbers(changes.length);
    for (const { tag, generation } of changes) {
      this.#numbers(tag === 'a' ? 0 : 1);
      this.#random(generation);
    }
  }

  #stamp({ root, a, b }: Stamp): void {
    this.#random(root);
    this.#random(a);
    this.#random(b);
  }

  #has<T>(value: T | null): value is T {
    this.#codes.push(value === null ? 0 : 1);
    return value !== null;
  }

  #numbers(...values: readonly number[]): void {
    for (const value of values) this.#codes.push(value + 2);
  }

  /** Random values are named in the order in which they are met. */
  #random(value: number): void {
    if (value <= 0) {
      this.#codes.push(value + 2);
      return;
    }
    const known = this.#names.indexOf(value);
    this.#codes.push((known === -1 ? this.#names.push(value) - 1 : known) + 3);
  }
}
