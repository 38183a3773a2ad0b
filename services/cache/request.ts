import type { LoadCause } from './inspection.js';
import type { CacheKey } from './key.js';
import type { CachePolicy } from './policy.js';

/** One read: what is wanted, under which tags it may be invalidated, and how to get it. */
export interface CacheRequest {
  readonly key: CacheKey;
  /** In a fixed order for the key: an entry's generations stand in the same. */
  readonly tags: readonly string[];
  readonly policy: CachePolicy;
  /** Gives the content as text. Aborted at the policy's deadline. `cause` is why it is needed. */
  load(signal: AbortSignal, cause: LoadCause): Promise<string>;
  /** The bytes to send for a content first produced at that instant (wall clock, ms). */
  render(content: string, generatedAtMs: number): string;
}
