import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { CacheAnswer } from '../cache/answer.js';
import { saysTheSameUntilMs } from './cache-status.js';
import type { DataHeaders } from './data-headers.js';

/** The head of an answer: its fields, and as it goes over the wire while a connection is kept. */
export interface RawHead {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Where Node keeps a head that is written and not yet sent. */
interface WithHead {
  _header: string | null;
}

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
  #headers: RawHead['headers'] = {};
  readonly #said = new Map<RawHead['status'], RawHead>();

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
    const status = ifNoneMatch === undefined ? 200 : 304;
    return this.#said.get(status) ?? this.#written(status);
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
    this.#headers = { ...this.#parts.headers, ...this.#parts.headersAt(answers, nowMs) };
    this.#said.clear();
    this.#instants = answers.flatMap(({ entry, staleAtMs }) => [entry.storedAtMs, staleAtMs]);
    this.#saidFromMs = nowMs;
    // Date goes on by whole seconds, too.
    const nextSecondMs = (Math.floor(nowMs / 1000) + 1) * 1000;
    this.#saidUntilMs = Math.min(nextSecondMs, ...answers.map((answer) => saysTheSameUntilMs(answer, nowMs)));
  }

  #written(status: RawHead['status']): RawHead {
    const headers = status === 200 ? this.#headers : withoutContent(this.#headers);
    const { keepAliveTimeoutMs } = this.#parts;
    const head = rawHead(status, headers, { nowMs: this.#saidFromMs, keepAliveTimeoutMs });
    this.#said.set(status, head);
    return head;
  }
}

function withoutContent(headers: RawHead['headers']): RawHead['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONTENT.includes(name)));
}

/** The lines were checked when they were written first. `nowMs`: what Date says. */
function rawHead(
  status: RawHead['status'],
  headers: RawHead['headers'],
  { nowMs, keepAliveTimeoutMs }: { nowMs: number; keepAliveTimeoutMs: number },
): RawHead {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  const seconds = Math.floor(keepAliveTimeoutMs / 1000);
  text += `Date: ${dateOf(nowMs)}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`;
  return { status, headers, text };
}

let lastDate = { second: Number.NaN, text: '' };

/** Said once a second. */
function dateOf(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== lastDate.second) lastDate = { second, text: new Date(nowMs).toUTCString() };
  return lastDate.text;
}

/**
 * Sends a prepared head as it is. Node's writeHead checks and joins each line anew, which costs a hit a tenth of all that it costs; there is
 * no public way around it, so where Node does not keep its head as it did from its first versions on, or the connection is not one that is
 * kept, writeHead it is.
 */
export function writeRawHead(response: ServerResponse, { status, headers, text }: RawHead): void {
  const { httpVersionMinor } = response.req;
  if (!KEEPS_ITS_HEAD || !response.shouldKeepAlive || httpVersionMinor !== 1) {
    response.writeHead(status, headers);
    return;
  }
  response.statusCode = status;
  (response as unknown as WithHead)._header = text;
}

/** Whether what is put there is what is sent: nothing is open yet, so Node tells its head when it is written. */
const KEEPS_ITS_HEAD = keepsItsHead();

function keepsItsHead(): boolean {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const { _header: before } = response as unknown as Partial<WithHead>;
  response.writeHead(200, ['a', 'b']);
  const { _header: written } = response as unknown as Partial<WithHead>;
  return before === null && written?.startsWith('HTTP/1.1 200 OK\r\na: b\r\n') === true;
}
