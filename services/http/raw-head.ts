import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';

/** Fields of a head, by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/** Where Node keeps a head that is written and not yet sent. */
interface WithHead {
  _header: string | null;
}

/** Of the body as it is sent, and so not those of a 304 (RFC 9110 section 15.4.5). */
const OF_CONTENT = ['content-type', 'content-encoding', 'content-length'];

/** The head of an answer, as it goes over the wire while a connection is kept. */
export class RawHead {
  readonly status: 200 | 304;
  readonly text: string;
  readonly #look: Headers;
  readonly #own: Headers;

  constructor(status: RawHead['status'], text: string, fields: { look: Headers; own: Headers }) {
    this.status = status;
    this.text = text;
    this.#look = fields.look;
    this.#own = fields.own;
  }

  /** Its fields, but for what tells of the connection. */
  get headers(): Headers {
    return { ...this.#look, ...this.#own };
  }
}

/** What heads of answers that look alike have in common, written once. The lines were checked when they were written first. */
export class HeadLook {
  readonly #headers: Readonly<Record<RawHead['status'], Headers>>;
  readonly #lines: Readonly<Record<RawHead['status'], string>>;
  readonly #keepAliveSeconds: number;

  /** `headers` of one of them; `own`: names of those that are not of all. */
  constructor(
    headers: Headers,
    { own, keepAliveTimeoutMs }: { own: ReadonlySet<string>; keepAliveTimeoutMs: number },
  ) {
    const shared = without(headers, (name) => own.has(name));
    this.#headers = { 200: shared, 304: withoutContent(shared) };
    this.#lines = { 200: startOf(200, this.#headers[200]), 304: startOf(304, this.#headers[304]) };
    this.#keepAliveSeconds = Math.floor(keepAliveTimeoutMs / 1000);
  }

  /** The head of one answer; `own`: its fields that the others do not share. `nowMs`: what Date says. */
  head(status: RawHead['status'], own: Headers, nowMs: number): RawHead {
    const said = status === 200 ? own : withoutContent(own);
    const start = this.#lines[status] + linesOf(said);
    const end = `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#keepAliveSeconds}\r\n\r\n`;
    const text = `${start}Date: ${dateOf(nowMs)}\r\n${end}`;
    return new RawHead(status, text, { look: this.#headers[status], own: said });
  }
}

function startOf(status: RawHead['status'], headers: Headers): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${linesOf(headers)}`;
}

function linesOf(headers: Headers): string {
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return lines;
}

function withoutContent(headers: Headers): Headers {
  return without(headers, (name) => OF_CONTENT.includes(name));
}

function without(headers: Headers, isOut: (name: string) => boolean): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isOut(name)));
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
    response.writeHead(head.status, head.headers);
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
