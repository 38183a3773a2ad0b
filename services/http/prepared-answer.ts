import type { CacheAnswer } from '../cache/answer.js';
import { saysTheSameUntilMs } from './cache-status.js';
import type { DataHeaders } from './data-headers.js';
import { type RawHead, rawHead } from './raw-head.js';

/** Of the body as it is sent, and so not those of a 304 (RFC 9110 section 15.4.5). */
const OF_CONTENT = ['content-type', 'content-encoding', 'content-length'];

export interface PreparedAnswerParts {
  /** Opaque tags of the entries that it was made of: the same tags are the same bytes. */
  readonly entryTags: readonly string[];
  /** All headers of the answer, by lower-case name; those that tell of freshness are said anew. */
  readonly headers: Readonly<Record<string, string>>;
  readonly headersAt: (answers: readonly CacheAnswer[], nowMs: number) => DataHeaders;
  /** The bytes that are sent for these answers, if they are at hand. */
  readonly bytesOf: (answers: readonly CacheAnswer[]) => Buffer | undefined;
  /** Of the server. */
  readonly keepAliveTimeoutMs: number;
}

/** The head of one answer, as long as it says the same, and where its bytes are. It keeps no entry alive. */
export class PreparedAnswer {
  readonly #parts: PreparedAnswerParts;
  readonly #length: number;
  #saidFromMs = Number.POSITIVE_INFINITY;
  #saidUntilMs = Number.NEGATIVE_INFINITY;
  /** storedAtMs and staleAtMs of each answer that it was said of. */
  #instants: readonly number[] = [];
  #whole: RawHead | null = null;
  #unchanged: RawHead | null = null;

  constructor(parts: PreparedAnswerParts) {
    this.#parts = parts;
    this.#length = Number(parts.headers['content-length']);
  }

  /** The bytes of these answers; undefined when they are others, or not at hand. */
  bytes(answers: readonly CacheAnswer[]): Buffer | undefined {
    const { entryTags, bytesOf } = this.#parts;
    if (entryTags.length !== answers.length) return undefined;
    for (let i = 0; i < answers.length; i++) if (entryTags[i] !== answers[i]?.entry.etag) return undefined;
    const bytes = bytesOf(answers);
    // The same content may have been coded elsewhere, by another hand.
    return bytes?.length === this.#length ? bytes : undefined;
  }

  /** Null: it depends on more than whether the reader has exactly this. */
  head(ifNoneMatch: string | undefined, answers: readonly CacheAnswer[], nowMs: number): RawHead | null {
    if (ifNoneMatch !== undefined && ifNoneMatch !== this.#parts.headers['etag']) return null;
    if (!this.#isSaidAt(answers, nowMs)) this.#say(answers, nowMs);
    return ifNoneMatch === undefined ? this.#whole : this.#unchanged;
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

  #say(answers: readonly CacheAnswer[], nowMs: number): void {
    const { headersAt, keepAliveTimeoutMs } = this.#parts;
    const headers = { ...this.#parts.headers, ...headersAt(answers, nowMs) };
    const unchanged = Object.entries(headers).filter(([name]) => !OF_CONTENT.includes(name));
    const said = { nowMs, keepAliveTimeoutMs };
    this.#whole = rawHead(200, headers, said);
    this.#unchanged = rawHead(304, Object.fromEntries(unchanged), said);
    this.#instants = answers.flatMap(({ entry, staleAtMs }) => [entry.storedAtMs, staleAtMs]);
    this.#saidFromMs = nowMs;
    // Date goes on by whole seconds, too.
    const nextSecondMs = (Math.floor(nowMs / 1000) + 1) * 1000;
    this.#saidUntilMs = Math.min(nextSecondMs, ...answers.map((answer) => saysTheSameUntilMs(answer, nowMs)));
  }
}
