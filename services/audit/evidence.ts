import type { ExplainedEntry } from '../explain/entries-schema.js';
import type { ServedAs } from './served-as.js';

/** From one instant of this machine to another, in ms since 1970: when something was asked and when it was answered. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A data read, as a browser sees its answer. */
export interface ReadAnswer extends Span {
  readonly servedAs: ServedAs;
  readonly ageSeconds: number;
  /** Opaque: without quotes. */
  readonly etag: string;
  readonly text: string;
}

/** What the service says that it holds for the address. */
export interface Explanation extends Span {
  readonly entry: ExplainedEntry;
}

/** An invalidation as it binds the reads of one replica and one panel; instants of this machine. */
export interface BindingChange {
  readonly mode: 'purge' | 'expire';
  /** Whatever was read from the source before is old by it. */
  readonly beganAtMs: number;
  /** Reads that begin later have to heed it. */
  readonly bindsFromMs: number;
  /** For people: `the purge of table tasks`. */
  readonly words: string;
}

/** What the source says of an address. */
export interface TruthNow {
  readonly content: string;
  /** The source is known to have said nothing else since. */
  readonly unchangedSinceMs: number;
}

/** All that is known of one read of one replica. */
export interface ReadEvidence {
  readonly answer: ReadAnswer;
  /** What is shown, without the question that it answers. */
  readonly content: string;
  /** Looked at before and after the read. */
  readonly before: Explanation;
  readonly after: Explanation;
  /** Null where the source moved too fast to say what it was. */
  readonly truth: TruthNow | null;
  /** Contents that the source was seen to have while the read was looked at. */
  readonly seen: readonly string[];
  readonly changes: readonly BindingChange[];
  /** Since when every look found that Redis answers the replica; null while it does not. */
  readonly redisAnswersSinceMs: number | null;
}
