import type { DashcacheError } from '../../errors.js';
import { decodeFrame, markOf } from './codec.js';
import type { Entry } from './entry.js';
import type { CacheKey } from './key.js';
import type { CacheObserver } from './observer.js';
import { readSharedError } from './shared-error.js';
import type { Stamp } from './stamp.js';

/** What a flight wants of layer two. */
export interface StoreQuestion {
  readonly key: CacheKey;
  /** The generations of now. */
  readonly stamp: Stamp;
  /** How long an entry that is stale will do; null: only a fresh one will. */
  readonly graceMs: number | null;
  /** Mark of a frame that was answered before and did not do. */
  readonly except: Buffer | null;
  /** The lease to take if nothing will do, made for that stamp; null: nothing is to be loaded. */
  readonly lease: string | null;
  /** The lease of another that may be taken over; null: none. */
  readonly overtake: string | null;
}

/** The entry comes with every reply unless the asker knows it; only with `entry` it is what he wants. */
export type StoreReply = {
  readonly entry: Entry | null;
  /** Of the frame that came, whether or not it could be believed; null when none came. */
  readonly mark: Buffer | null;
} & (
  | { readonly is: 'entry' | 'none' }
  | { readonly is: 'leased'; readonly hasOvertaken: boolean }
  | { readonly is: 'held'; readonly lease: string; readonly leftMs: number }
  | { readonly is: 'failed'; readonly error: DashcacheError; readonly leftMs: number }
);

/** A frame that cannot be believed is counted and left out. */
function readFrame(
  frame: Buffer | null,
  { key, stamp }: Pick<StoreQuestion, 'key' | 'stamp'>,
  observer: CacheObserver,
): Pick<StoreReply, 'entry' | 'mark'> {
  const decoded = frame && decodeFrame(frame, key, { asked: stamp });
  if (typeof decoded === 'string') observer.frameRejected(decoded);
  return { entry: typeof decoded === 'string' ? null : decoded, mark: frame && markOf(frame) };
}

/** What ASK_SCRIPT answered, and the frame that came beside it. */
export function readReply(
  [reply, beside]: readonly [reply: unknown, beside: Buffer | null],
  question: Pick<StoreQuestion, 'key' | 'stamp'>,
  observer: CacheObserver,
): StoreReply {
  const [is, within, told, leftMs] = reply as [Buffer, Buffer | null, Buffer | number, number];
  const found = readFrame(beside ?? within, question, observer);
  switch (is.toString()) {
    case 'entry':
      return { ...found, is: 'entry' };
    case 'held':
      return { ...found, is: 'held', lease: String(told), leftMs };
    case 'failed':
      return { ...found, is: 'failed', error: readSharedError(String(told)), leftMs };
    case 'leased':
      return { ...found, is: 'leased', hasOvertaken: told === 1 };
    default:
      return { ...found, is: 'none' };
  }
}
