import type { Invalidation } from './control-slot.js';

/** Closed sets: they become labels. */
export type CacheOperation =
  | 'l1_read'
  | 'l2_read'
  | 'l2_write'
  | 'look'
  | 'invalidate'
  | 'acknowledge'
  | 'compress';
export type FrameFault = 'magic' | 'version' | 'length' | 'checksum' | 'key' | 'tenant' | 'body';
export type RootCause = 'first' | 'lost' | 'foreign';
export type CacheEvent =
  | 'l2_failures'
  | 'l2_skips'
  | 'l2_writes'
  | 'loads'
  | 'shed_loads'
  | 'load_failures'
  | 'revalidations'
  | 'renewals'
  | 'too_large'
  | 'l1_evictions'
  | 'not_admitted'
  | 'looks'
  | 'look_failures'
  | 'gaps'
  | 'purges'
  | 'expires'
  | 'switches'
  | 'refused_fills'
  | 'leases_taken'
  | 'leases_overtaken'
  | 'leases_lost'
  | 'lease_waits'
  | 'shared_failures'
  | 'unproven_joins'
  | 'contract_breaches'
  | 'budget_breaches'
  | 'unannounced_news'
  | 'warming_loads'
  | 'warmings'
  | 'warming_misses';

/** An invalidation that this process learned of, whoever made it. */
export interface ToldInvalidation extends Invalidation {
  /** False: made here, and Redis did not take it yet; when it does, that is told again. */
  readonly taken: boolean;
}

/** What the cache tells of itself. An implementation never throws: wrap it in `guarded`. */
export interface CacheObserver {
  operation(operation: CacheOperation, durationMs: number): void;
  event(event: CacheEvent): void;
  frameRejected(fault: FrameFault): void;
  newRoot(cause: RootCause): void;
  /** Once for each, own and foreign alike, when it is in force here. */
  invalidated(invalidation: ToldInvalidation): void;
  /** The switch of a tag stands otherwise than before, as this process knows it. */
  switched(change: { readonly tag: string; readonly enabled: boolean }): void;
}

export const silentObserver: CacheObserver = {
  operation: () => {},
  event: () => {},
  frameRejected: () => {},
  newRoot: () => {},
  invalidated: () => {},
  switched: () => {},
};

/** Statistics can never break a read: what the observer throws ends here. */
export function guarded(observer: CacheObserver): CacheObserver {
  const guard =
    <T extends unknown[]>(tell: (...args: T) => void) =>
    (...args: T): void => {
      try {
        tell(...args);
      } catch {
        // Nobody is left to tell: the observer itself is what failed.
      }
    };
  return {
    operation: guard((operation, durationMs) => observer.operation(operation, durationMs)),
    event: guard((event) => observer.event(event)),
    frameRejected: guard((fault) => observer.frameRejected(fault)),
    newRoot: guard((cause) => observer.newRoot(cause)),
    invalidated: guard((invalidation) => observer.invalidated(invalidation)),
    switched: guard((change) => observer.switched(change)),
  };
}
