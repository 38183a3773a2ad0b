/** Closed sets: they become labels. */
export type CacheOperation = 'l1_read' | 'l2_read' | 'l2_write' | 'look' | 'invalidate' | 'compress';
export type FrameFault = 'magic' | 'version' | 'length' | 'checksum' | 'key' | 'tenant' | 'body';
export type RootCause = 'first' | 'lost' | 'foreign';
export type CacheEvent =
  | 'l2_failures'
  | 'l2_writes'
  | 'loads'
  | 'load_failures'
  | 'revalidations'
  | 'renewals'
  | 'too_large'
  | 'l1_evictions'
  | 'looks'
  | 'look_failures'
  | 'gaps'
  | 'purges'
  | 'expires'
  | 'refused_fills';

/** What the cache tells of itself. An implementation never throws: wrap it in `guarded`. */
export interface CacheObserver {
  operation(operation: CacheOperation, durationMs: number): void;
  event(event: CacheEvent): void;
  frameRejected(fault: FrameFault): void;
  newRoot(cause: RootCause): void;
}

export const silentObserver: CacheObserver = {
  operation: () => {},
  event: () => {},
  frameRejected: () => {},
  newRoot: () => {},
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
  };
}
