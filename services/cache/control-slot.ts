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
  /** The changes since the known position, in order; `gap` when the log no longer reaches back that far or the root is another. */
  readonly changes: readonly TagChange[] | 'gap';
  /** The generations of the tags asked for, in their order; missing ones were created, random. */
  readonly generations: readonly Generation[];
}

export interface TagChange {
  readonly tag: string;
  readonly generation: Generation;
}

export interface Invalidation {
  readonly tags: readonly string[];
  readonly mode: InvalidationMode;
}

/**
 * The one place that holds the truth about generations: root, log and a generation per tag. In Redis it is shared by all
 * processes; without Redis it is this process's own memory.
 */
export interface ControlSlot {
  /** How long an answered look may be believed, counted from its sending. Infinity: nobody else can change the slot. */
  readonly trustMs: number;
  /** Rejects when the slot does not answer in time. */
  look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer>;
  /**
   * Gives tags new generations and logs it; harmless if it runs twice. Says why this made a new root, or null when it found
   * one. Rejects when the slot does not answer.
   */
  invalidate(invalidation: Invalidation): Promise<RootCause | null>;
}
