import type { InvalidationOperation, Operation, ReadOperation, WriteOperation } from './history.js';

export interface HistoryRules {
  /** How long after its acknowledgement a purge without waiting, or an expire, is in force everywhere. Default 1000. */
  readonly inForceAfterMs?: number;
  /** No answer may be of a version that was replaced longer ago than this when the read began. Default: no such rule. */
  readonly oldestMs?: number;
  /** Reads that may be older than a purge or the bound allows. Default: those that are marked as unproven. */
  readonly mayBeOld?: (read: ReadOperation) => boolean;
}

export interface HistoryViolation {
  readonly rule: 'invalidated' | 'too old' | 'never written';
  readonly read: ReadOperation;
  /** The write that the read should have seen. */
  readonly write: WriteOperation | null;
  readonly invalidation: InvalidationOperation | null;
  /** All of it in words. */
  readonly text: string;
}

/**
 * Holds what the reads of a history gave against what the source had, key by key and in real time. What a read may give is judged
 * by when it began; of operations that overlap either order is right. Rules:
 * - `invalidated`: it gave less than the source had before a purge was asked for that was in force when the read began. After an
 *   expire it may give less, but marked as stale.
 * - `too old`: it gave what had been replaced more than `oldestMs` before it began.
 * - `never written`: it gave what no write had begun to write when the read ended (0: what was there before all writes).
 */
export function checkHistory(operations: readonly Operation[], rules: HistoryRules = {}): HistoryViolation[] {
  const { inForceAfterMs = 1000, oldestMs = null, mayBeOld = (read) => read.isUnproven } = rules;
  const source = new Map<string, Floors<WriteOperation>>();
  const begun = new Map<string, Map<number, number>>();
  for (const write of operations) {
    if (write.kind !== 'write') continue;
    at(source, write.key, () => new Floors()).add(write.endedMs, write.version, write);
    at(begun, write.key, () => new Map()).set(write.version, write.beganMs);
  }
  const purged = new Map<string, Floors<Reason>>();
  const expired = new Map<string, Floors<Reason>>();
  for (const one of operations) {
    if (one.kind === 'read' || one.kind === 'write') continue;
    const inForceMs = one.endedMs + (one.kind === 'purge' ? 0 : inForceAfterMs);
    for (const key of one.keys) {
      const had = source.get(key)?.before(one.beganMs);
      const floors = at(one.kind === 'expire' ? expired : purged, key, () => new Floors<Reason>());
      if (had) floors.add(inForceMs, had.version, { write: had.cause, invalidation: one });
    }
  }

  const violations: HistoryViolation[] = [];
  for (const read of operations) {
    if (read.kind !== 'read') continue;
    const floors = [
      ...(mayBeOld(read) ? [] : [purged.get(read.key)?.before(read.beganMs)]),
      ...(mayBeOld(read) || read.isStale ? [] : [expired.get(read.key)?.before(read.beganMs)]),
    ];
    const broken = floors.find((floor) => floor && floor.version > read.version);
    if (broken) violations.push(invalidated(read, broken.cause));
    const replaced = oldestMs === null ? null : source.get(read.key)?.before(read.beganMs - oldestMs);
    if (replaced && replaced.version > read.version && !mayBeOld(read))
      violations.push(tooOld(read, replaced.cause, oldestMs ?? 0));
    const beganMs = read.version === 0 ? 0 : begun.get(read.key)?.get(read.version);
    if (beganMs === undefined || beganMs > read.endedMs) violations.push(neverWritten(read));
  }
  return violations;
}

interface Reason {
  readonly write: WriteOperation;
  readonly invalidation: InvalidationOperation;
}

interface Floor<Cause> {
  readonly atMs: number;
  readonly version: number;
  readonly cause: Cause;
}

/** The highest version that holds at an instant, and why. */
class Floors<Cause> {
  #added: Floor<Cause>[] = [];
  #rising: Floor<Cause>[] | null = null;

  add(atMs: number, version: number, cause: Cause): void {
    this.#added.push({ atMs, version, cause });
    this.#rising = null;
  }

  /** The highest of those strictly before that instant. */
  before(atMs: number): Floor<Cause> | null {
    this.#rising ??= this.#sorted();
    let [low, high] = [0, this.#rising.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rising[middle]?.atMs ?? 0) < atMs) low = middle + 1;
      else high = middle;
    }
    return this.#rising[low - 1] ?? null;
  }

  #sorted(): Floor<Cause>[] {
    let highest: Floor<Cause> | null = null;
    return [...this.#added]
      .sort((a, b) => a.atMs - b.atMs)
      .map((floor) => {
        if (!highest || floor.version > highest.version) highest = floor;
        return { ...highest, atMs: floor.atMs };
      });
  }
}

function invalidated(read: ReadOperation, { write, invalidation }: Reason): HistoryViolation {
  const { kind, process, endedMs } = invalidation;
  const text =
    `${told(read)} after version ${write.version} was in the source (${ms(write.endedMs)}) and ` +
    `the ${kind} by ${process} (asked for ${ms(invalidation.beganMs)}) was acknowledged (${ms(endedMs)})`;
  return { rule: 'invalidated', read, write, invalidation, text };
}

function tooOld(read: ReadOperation, write: WriteOperation, oldestMs: number): HistoryViolation {
  const agoMs = Math.round(read.beganMs - write.endedMs);
  const text =
    `${told(read)} although version ${write.version} was in the source (${ms(write.endedMs)}) ${agoMs} ms before, ` +
    `and no more than ${oldestMs} ms are allowed`;
  return { rule: 'too old', read, write, invalidation: null, text };
}

function neverWritten(read: ReadOperation): HistoryViolation {
  const text = `${told(read)}, which nobody had begun to write when it ended (${ms(read.endedMs)})`;
  return { rule: 'never written', read, write: null, invalidation: null, text };
}

function told({ key, process, version, beganMs, isStale, isUnproven }: ReadOperation): string {
  const marks = [isStale ? 'stale' : '', isUnproven ? 'unproven' : ''].filter((mark) => mark !== '');
  const marked = marks.length > 0 ? `, marked as ${marks.join(' and ')},` : '';
  return `a read of ${key} by ${process}${marked} began (${ms(beganMs)}) and gave version ${version}`;
}

function ms(instantMs: number): string {
  return `at ${instantMs.toFixed(1)} ms`;
}

function at<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
