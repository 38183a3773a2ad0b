import type { SourceResult } from '../source.js';
import { type AnswerHead, headerOf } from './answer-head.js';

/** What an answer can be renewed by (RFC 9110 8.8). */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface RememberedAnswer {
  readonly validators: Validators;
  readonly result: SourceResult;
  /** Of the decoded body. */
  readonly bodyBytes: number;
}

/** Cells beside their text, and an answer beside its cells, as measured for arrays of small values. */
const CELL_BYTES = 16;
const ANSWER_BYTES = 1024;

/** Answers that the endpoint can confirm with a 304, bounded in bytes; the least recently used go first. */
export class RememberedAnswers {
  readonly #maxBytes: number;
  readonly #answers = new Map<string, RememberedAnswer & { readonly heldBytes: number }>();
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get(key: string): RememberedAnswer | null {
    const answer = this.#answers.get(key);
    if (!answer) return null;
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    return answer;
  }

  forget(key: string): void {
    this.#heldBytes -= this.#answers.get(key)?.heldBytes ?? 0;
    this.#answers.delete(key);
  }

  remember(key: string, answer: RememberedAnswer): void {
    this.forget(key);
    const heldBytes = sizeOf(key, answer.result);
    // One answer must not push out all others.
    if (heldBytes > this.#maxBytes / 4) return;
    this.#answers.set(key, { ...answer, heldBytes });
    this.#heldBytes += heldBytes;
    for (const oldest of this.#answers.keys()) {
      if (this.#heldBytes <= this.#maxBytes) return;
      this.forget(oldest);
    }
  }
}

/**
 * The validators of an answer, those of `before` where a 304 does not repeat them; null when it cannot be renewed. What could
 * not be sent back as it came is left out.
 */
export function validatorsOf(head: AnswerHead, before?: Validators): Validators | null {
  const etag =
    matching(headerOf(head, 'etag'), /^(?:W\/)?"[\x21\x23-\x7e]{0,1024}"$/) ?? before?.etag ?? null;
  const lastModified =
    matching(headerOf(head, 'last-modified'), /^[A-Za-z0-9,: +-]{1,64}$/) ?? before?.lastModified ?? null;
  return etag === null && lastModified === null ? null : { etag, lastModified };
}

/** The headers that ask for an answer only if it has changed. */
export function conditionHeaders({ etag, lastModified }: Validators): Readonly<Record<string, string>> {
  return {
    ...(etag !== null && { 'if-none-match': etag }),
    ...(lastModified !== null && { 'if-modified-since': lastModified }),
  };
}

/** Whether a 304 is about this answer: it must not name another tag (RFC 9111 4.3.4). */
export function confirms(head: AnswerHead, { etag }: Validators): boolean {
  const told = headerOf(head, 'etag');
  return told === null || etag === null || opaque(told) === opaque(etag);
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, '');
}

function matching(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null;
}

function sizeOf(key: string, { columns, rows }: SourceResult): number {
  let bytes = ANSWER_BYTES + 2 * key.length + rows.length * CELL_BYTES;
  for (const row of rows)
    for (const cell of row) bytes += CELL_BYTES + (typeof cell === 'string' ? 2 * cell.length : 0);
  return columns.reduce((sum, { name }) => sum + CELL_BYTES + 2 * name.length, bytes);
}
