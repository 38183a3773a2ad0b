import type { LoadCause } from './inspection.js';
import type { CacheKey } from './key.js';
import type { CachePolicy } from './policy.js';

/** One read: what is wanted, under which tags it may be invalidated, and how to get it. */
export interface CacheRequest {
  readonly key: CacheKey;
  /** In a fixed order for the key: an entry's generations stand in the same. */
  readonly tags: readonly string[];
  readonly policy: CachePolicy;
  /**
   * Every change of what it rests on that was made before this instant (wall clock) is known, by an expire: what it lacks counts from
   * there at the earliest (maxStalenessMs). Infinity: until now; absent: from its load.
   */
  readonly toldToMs?: () => number;
  /** About what keeping the request takes beyond most: its long parameters. */
  readonly extraBytes?: number;
  /** False: nobody can ask for it any more, so it is not refreshed by itself. Absent: somebody always can. */
  readonly isWanted?: () => boolean;
  /** Gives the content. Aborted at the policy's deadline. `cause` is why it is needed. */
  load(signal: AbortSignal, cause: LoadCause): Promise<string | LoadedContent>;
  /** The bytes to send for a content first produced at that instant (wall clock, ms). */
  render(content: string, generatedAtMs: number): string;
  /**
   * Where loads are limited: waits a moment for leave to load anew what is at hand. Null: there is none yet. `settles`: nothing
   * else is expected to change. Absent where there is no limit.
   */
  readonly admit?: (how: { readonly settles: boolean }) => Promise<Admitted | null>;
}

/** The leave to load once. */
export interface Admitted {
  /** The same, with a load that has the leave. */
  readonly request: CacheRequest;
  /** The load is over, or was not needed. */
  end(): void;
}

/** A content that may not be kept, by the will of its source, is for those who wait for it. */
export interface LoadedContent {
  readonly content: string;
  readonly keep: boolean;
}
