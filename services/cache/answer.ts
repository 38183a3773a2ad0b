import type { Entry } from './entry.js';

/** What a read of the cache gives. */
export interface CacheAnswer {
  readonly entry: Entry;
  readonly outcome: 'hit' | 'stale_hit' | 'error_hit' | 'unproven_hit' | 'miss' | 'collapsed' | 'bypass';
  readonly layer: 'l1' | 'l2' | 'source';
  /** When it is stale: the entry's own instant, or earlier after an expire. */
  readonly staleAtMs: number;
  /** Whether the loaded value was kept (misses only). */
  readonly stored: boolean;
  /** Loaded because its reader wanted nothing that was read before he asked. */
  readonly isReload?: true;
  /** False where the source forbids to keep the value, anywhere. */
  readonly keep?: false;
  /** Waited for with others while Redis did not answer: what was read may have been purged by then. */
  readonly isUnproven?: true;
}
