import type { RootCause } from './observer.js';
import type { Generation } from './stamp.js';

export type InvalidationMode = 'purge' | 'expire';

/** What a process knows when it looks: the root and the position in its log that it has already applied. */
export interface KnownPosition {
  readonly root: string;
  readonly position: string;
}

export interface LookAnswer {
  readonly root: string;
  readonly position: string;
  /** Why this look made a new root, or null when it found one. */
  readonly newRoot: RootCause | null;
  /** Of the members: another one with every root, and whenever somebody was removed for his silence. */
  readonly list: string;
  /** The changes since the known position, in order; `gap` when the log no longer reaches back that far or the root is another. */
  readonly changes: readonly TagChange[] | 'gap';
  /** What made these changes, in order; empty at a gap. */
  readonly invalidations: readonly Invalidation[];
  /**
   * The tags that were purged since the known position or, for who knew another root, since this one was made; null when the log
   * no longer tells.
   */
  readonly purgedTags: readonly string[] | null;
  /** The generations of the tags asked for, in their order; missing ones were created, random. */
  readonly generations: readonly Generation[];
  /** Every switch that was ever moved, by its tag. */
  readonly switches: ReadonlyMap<string, SwitchState>;
}

export interface TagChange {
  readonly tag: string;
  readonly generation: Generation;
}

export interface Invalidation {
  readonly tags: readonly string[];
  readonly mode: InvalidationMode;
  /** Why, in one short word of letters: everybody who learns of it is told. */
  readonly cause: string;
  /** Of the request that asked for it, as everybody is told too; a version that knows nothing of it reads the cause alone. */
  readonly callId?: string;
}

/**
 * How the switch of a tag stands. `number` orders the changes of this one switch, without any clock: the higher one wins, and
 * of two with the same number the one that is off.
 */
export interface SwitchState {
  readonly isOff: boolean;
  readonly number: number;
  /** Of the change that made it so. */
  readonly id: string;
}

export interface SwitchChange {
  readonly tag: string;
  readonly enabled: boolean;
  /** Random: a change that is sent twice is made once. */
  readonly id: string;
  /** The number of this switch as its process knows it; the change gets a higher one. */
  readonly knownNumber: number;
}

/** The slot has it: everybody whose position is at or past this one has applied it. */
export interface Taken extends KnownPosition {
  /** Why this made a new root, or null when it found one. */
  readonly newRoot: RootCause | null;
  /** Replicas that were connected. */
  readonly replicasCount: number;
}

/** How far the other processes have come. */
export interface Standing {
  readonly root: string;
  readonly newRoot: RootCause | null;
  /** As a look tells it. */
  readonly list: string;
  readonly othersCount: number;
  /** Those of them whose position is at or past the one asked about. */
  readonly confirmedCount: number;
}

/**
 * The one place that holds the truth about generations and switches: root, log, members, a generation per tag. In Redis it is
 * shared by all processes; without Redis it is this process's own memory. Everything here may run twice or late, and rejects
 * when the slot does not answer in time.
 */
export interface ControlSlot {
  /** How long an answered look may be believed, counted from its sending. Infinity: nobody else can change the slot. */
  readonly trustMs: number;
  /** Makes this process a member that has applied the known position: never the one that it is told. */
  look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer>;
  /** Gives tags new generations and logs it. */
  invalidate(invalidation: Invalidation): Promise<Taken>;
  /** Moves a switch and logs it; switching on also purges the tag, so that nobody can see the one without the other. */
  switch(change: SwitchChange): Promise<Taken>;
  /** Writes back what was lost: only ever raises the number of a switch. */
  restore(tag: string, state: SwitchState): Promise<Taken>;
  /** Says that this process has applied the position; of a member only. It gives no trust. */
  confirm(applied: KnownPosition): Promise<void>;
  /** How far the others have come. */
  acknowledged(position: string): Promise<Standing>;
  /** Whether a replica has all that this process has written. */
  isReplicated(): Promise<boolean>;
  /** This process is no member any more, until it looks again. */
  leave(): Promise<void>;
}
