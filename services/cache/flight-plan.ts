import type { Proof } from './generations.js';
import type { CacheRequest } from './request.js';

/** Whom a flight was begun for: readers who wait, the next reader, whoever asked for a warm cache, or who wants what is read after he asked. */
export type Purpose = 'read' | 'refresh' | 'warming' | 'reload';

export interface FlightPlan {
  readonly request: CacheRequest;
  readonly proof: Proof;
  readonly purpose: Purpose;
  /** False once another flight of the key has begun in this process: without a lease, this one may keep nothing. */
  readonly isCurrent: () => boolean;
}
