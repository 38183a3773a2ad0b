import type { CacheEvent } from '../events/events-schema.js';
import type { AuditSample } from './audit-sample.js';
import type { Explanation, ReadAnswer } from './evidence.js';
import type { PanelBody } from './panel-body-schema.js';

/** One replica of the service, as an audit asks it. Every method rejects where it cannot be asked. */
export interface AuditedReplica {
  /** Its address. */
  readonly name: string;
  look(sample: AuditSample): Promise<ReplicaLook>;
  /** What it remembers of invalidations, the newest first. */
  events(): Promise<readonly CacheEvent[]>;
}

/** A read, between two explanations of what the service holds. */
export interface ReplicaLook {
  readonly before: Explanation;
  readonly after: Explanation;
  /** Null where it answered with a problem: an error tells no lie. */
  readonly answer: (ReadAnswer & { readonly body: PanelBody }) | null;
  /** What the problem was; null where it gave data. */
  readonly problem: string | null;
  readonly redisAnswers: boolean;
}
