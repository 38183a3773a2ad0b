import type { Body } from './body.js';
import type { Stamp } from './stamp.js';

/** One stored result: bytes ready to send, its instants (wall clock, ms since 1970) and the generations it was loaded under. */
export interface Entry {
  readonly keyHash: string;
  readonly tenantHash: string;
  /** Root and generations, read before the load began (invariant 3). */
  readonly stamp: Stamp;
  /** When the last successful load ended: Age counts from here. */
  readonly storedAtMs: number;
  readonly staleAtMs: number;
  readonly deleteAtMs: number;
  /** When this content was first produced: a renewal with equal content keeps it. */
  readonly generatedAtMs: number;
  /** Hash of the content alone, without generated_at: tells a renewal from a change. */
  readonly contentHash: string;
  /** Opaque tag of the identity bytes, without quotes; codings add a suffix of their own. */
  readonly etag: string;
  readonly body: Body;
}
