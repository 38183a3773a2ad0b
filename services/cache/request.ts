import type { LoadCause } from './inspection.js';
import type { CacheKey } from './key.js';
import type { CachePolicy } from './policy.js';

/** One read: what is wanted, under which tags it may be invalidated, and how to get it. */
export interface CacheRequest {
  readonly key: CacheKey;
  /** In a fixed order for the key: an entry's generations stand in the same. */
  readonly tags: readonly string[];
  readonly policy: CachePolicy;
  /** Gives the content. Aborted at the policy's deadline. `cause` is why it is needed. */
  load(signal: AbortSignal, cause: LoadCause): Promise<string | LoadedContent>;
  /** The bytes to send for a content first produced at that instant (wall clock, ms). */
  render(content: string, generatedAtMs: number): string;
}

/** A content that may not be kept, by the will of its source, is for those who wait for it. */
export interface LoadedContent {
  readonly content: string;
  readonly keep: boolean;
}
