import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';

/** Fields of a head, by lower-case name. */
export type HeadFields = Readonly<Record<string, string>>;

/** Where Node keeps a head that is written and not yet sent. */
interface WithHead {
  _header: string | null;
}

/** Of the body as it is sent, and so not those of a 304, as its length is not (RFC 9110 section 15.4.5). */
const OF_CONTENT = ['content-type', 'content-encoding'];

/** The head of an answer, as it goes over the wire while a connection is kept. */
export interface RawHead {
  readonly status: 200 | 304;
  readonly text: string;
  /** Its fields, but for what tells of the connection. */
  readonly headers: () => HeadFields;
}

/** What a head tells of one content. */
export interface HeadOfContent {
  /** As it is sent. */
  readonly etag: string;
  /** In bytes, as they are sent. */
  readonly length: number;
}

/** What heads of answers that look alike have in common, written once. The lines were checked when they were written first. */
export class HeadLook {
  readonly #headers: Readonly<Record<RawHead['status'], HeadFields>>;
  readonly #lines: Readonly<Record<RawHead['status'], string>>;
  readonly #keepAliveSeconds: number;

  /** `headers` of one of them, and the names of those that tell of freshness. */
  constructor(
    headers: HeadFields,
    { said, keepAliveTimeoutMs }: { said: readonly string[]; keepAliveTimeoutMs: number },
  ) {
    const shared = without(headers, ['etag', 'content-length', ...said]);
    this.#headers = { 200: shared, 304: without(shared, OF_CONTENT) };
    this.#lines = { 200: startOf(200, this.#headers[200]), 304: startOf(304, this.#headers[304]) };
    this.#keepAliveSeconds = Math.floor(keepAliveTimeoutMs / 1000);
  }

  /**
   * The head of one answer; `said`: what it tells of freshness. `nowMs`: what Date says. The fields are put together only for who asks: each
   * object that is spread from others has the engine make a new class of objects.
   */
  head(status: RawHead['status'], { etag, length }: HeadOfContent, said: HeadFields, nowMs: number): RawHead {
    const ofBody = status === 200 ? `content-length: ${length}\r\n` : '';
    const ownLines = `etag: ${etag}\r\n${ofBody}${linesOf(said)}Date: ${dateOf(nowMs)}\r\n`;
    const end = `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#keepAliveSeconds}\r\n\r\n`;
    return {
      status,
      text: this.#lines[status] + ownLines + end,
      headers: () => ({
        ...this.#headers[status],
        etag,
        ...(status === 200 && { 'content-length': String(length) }),
        ...said,
      }),
    };
  }
}

function startOf(status: RawHead['status'], headers: HeadFields): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${linesOf(headers)}`;
}

function linesOf(headers: HeadFields): string {
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return lines;
}

function without(headers: HeadFields, names: readonly string[]): HeadFields {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
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
export function writeRawHead(response: ServerResponse, head: RawHead): void {
  const { httpVersionMinor } = response.req;
  if (!KEEPS_ITS_HEAD || !response.shouldKeepAlive || httpVersionMinor !== 1) {
    response.writeHead(head.status, head.headers());
    return;
  }
  response.statusCode = head.status;
  (response as unknown as WithHead)._header = head.text;
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
