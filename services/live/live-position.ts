import { createHash } from 'node:crypto';

/** 48 bits of a panel's tag: equal by chance once in 2^48 changes. */
const DIGEST_BYTES = 6;
const QUESTION_BYTES = 6;
/** What a reader has of panels beyond is not in his id: they are sent to him again. */
const PANELS_MAX_COUNT = 200;
const NOTHING = Buffer.alloc(DIGEST_BYTES);

/**
 * What one reader has of each panel, and how that is written into the ids of his events: whoever comes back with one, to any process, is
 * sent what differs. An id is for these panels of this dashboard alone; at most 1,608 characters long.
 */
export class LivePosition {
  readonly #bytes: Buffer;

  /** `heldId`: the last id that the reader was given; what it does not fit counts for nothing. */
  constructor(dashboardId: string, panelIds: readonly string[], heldId: string | undefined) {
    const question = digestOf(JSON.stringify([dashboardId, panelIds]), QUESTION_BYTES);
    const length = QUESTION_BYTES + DIGEST_BYTES * Math.min(panelIds.length, PANELS_MAX_COUNT);
    this.#bytes = Buffer.alloc(length);
    const held = heldId === undefined ? null : Buffer.from(heldId, 'base64url');
    if (held?.length === length && held.subarray(0, QUESTION_BYTES).equals(question)) held.copy(this.#bytes);
    else question.copy(this.#bytes);
  }

  /** Whether the reader has this content of the panel, by its digest. */
  has(panelIndex: number, digest: Buffer): boolean {
    return this.#of(panelIndex).equals(digest);
  }

  /** The reader is sent this content, or by null a problem in its place. */
  sent(panelIndex: number, digest: Buffer | null): void {
    (digest ?? NOTHING).copy(this.#of(panelIndex));
  }

  get id(): string {
    return this.#bytes.toString('base64url');
  }

  #of(panelIndex: number): Buffer {
    const start = QUESTION_BYTES + panelIndex * DIGEST_BYTES;
    return this.#bytes.subarray(start, start + DIGEST_BYTES);
  }
}

/** What stands for a content in the ids. */
export function contentDigest(etag: string): Buffer {
  return digestOf(etag, DIGEST_BYTES);
}

function digestOf(text: string, length: number): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, length);
}
