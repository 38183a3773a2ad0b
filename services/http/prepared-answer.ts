import type { CacheAnswer } from '../cache/answer.js';
import { saysTheSameUntilMs } from './cache-status.js';
import type { DataHeaders } from './data-headers.js';
import type { HeadLook, HeadOfContent, RawHead } from './raw-head.js';

export interface PreparedAnswerParts extends HeadOfContent {
  /** Opaque tags of the entries that it was made of: the same tags are the same bytes. */
  readonly entryTags: readonly string[];
  readonly look: HeadLook;
  readonly headersAt: (answers: readonly CacheAnswer[], nowMs: number) => DataHeaders;
  /** The bytes that are sent for these answers, if they are at hand. */
  readonly bytesOf: (answers: readonly CacheAnswer[]) => Buffer | undefined;
}

/** The head of one answer, as long as it says the same, and where its bytes are. It keeps no entry alive. */
export class PreparedAnswer {
  readonly #parts: PreparedAnswerParts;
  #saidFromMs = Number.POSITIVE_INFINITY;
  #saidUntilMs = Number.NEGATIVE_INFINITY;
  /** storedAtMs and staleAtMs of each answer that it was said of. */
  #instants: readonly number[] = [];
  readonly #said = new Map<RawHead['status'], RawHead>();

  constructor(parts: PreparedAnswerParts) {
    this.#parts = parts;
  }

  /** The bytes of these answers; undefined when they are others, or not at hand. */
  bytes(answers: readonly CacheAnswer[]): Buffer | undefined {
    const { entryTags, bytesOf, length } = this.#parts;
    if (entryTags.length !== answers.length) return undefined;
    for (let i = 0; i < answers.length; i++) if (entryTags[i] !== answers[i]?.entry.etag) return undefined;
    const bytes = bytesOf(answers);
    // The same content may have been coded elsewhere, by another hand.
    return bytes?.length === length ? bytes : undefined;
  }

  /** Null: it depends on more than whether the reader has exactly this. */
  head(ifNoneMatch: string | undefined, answers: readonly CacheAnswer[], nowMs: number): RawHead | null {
    if (ifNoneMatch !== undefined && ifNoneMatch !== this.#parts.etag) return null;
    if (!this.#isSaidAt(answers, nowMs)) this.#forget(answers, nowMs);
    const status = ifNoneMatch === undefined ? 200 : 304;
    return this.#said.get(status) ?? this.#say(status, answers);
  }

  #isSaidAt(answers: readonly CacheAnswer[], nowMs: number): boolean {
    // A clock that is set back tells another age.
    if (nowMs < this.#saidFromMs || nowMs >= this.#saidUntilMs) return false;
    for (let i = 0; i < answers.length; i++) {
      const answer = answers[i];
      if (answer?.entry.storedAtMs !== this.#instants[2 * i]) return false;
      if (answer?.staleAtMs !== this.#instants[2 * i + 1]) return false;
    }
    return true;
  }

  #forget(answers: readonly CacheAnswer[], nowMs: number): void {
    this.#said.clear();
    this.#instants = answers.flatMap(({ entry, staleAtMs }) => [entry.storedAtMs, staleAtMs]);
    this.#saidFromMs = nowMs;
    // Date goes on by whole seconds, too.
    const nextSecondMs = (Math.floor(nowMs / 1000) + 1) * 1000;
    this.#saidUntilMs = Math.min(nextSecondMs, ...answers.map((answer) => saysTheSameUntilMs(answer, nowMs)));
  }

  #say(status: RawHead['status'], answers: readonly CacheAnswer[]): RawHead {
    const { look, headersAt } = this.#parts;
    const said = headersAt(answers, this.#saidFromMs);
    const head = look.head(status, this.#parts, said, this.#saidFromMs);
    this.#said.set(status, head);
    return head;
  }
}
