import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';

/** The head of an answer: its lines as Node takes them, names and values in turn, and as they go over the wire while a connection is kept. */
export interface RawHead {
  readonly status: 200 | 304;
  readonly lines: string[];
  readonly text: string;
}

/** Where Node keeps a head that is written and not yet sent. */
interface WithHead {
  _header: string | null;
}

/** The lines were checked when they were written first. `nowMs`: what Date says. */
export function rawHead(
  status: RawHead['status'],
  headers: Readonly<Record<string, string>>,
  { nowMs, keepAliveTimeoutMs }: { nowMs: number; keepAliveTimeoutMs: number },
): RawHead {
  const fields = Object.entries(headers);
  const own: [string, string][] = [
    ['Date', new Date(nowMs).toUTCString()],
    ['Connection', 'keep-alive'],
    ['Keep-Alive', `timeout=${Math.floor(keepAliveTimeoutMs / 1000)}`],
  ];
  const lines = [...fields, ...own].map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
  return { status, lines: fields.flat(), text };
}

/**
 * Sends a prepared head as it is. Node's writeHead checks and joins each line anew, which costs a hit a tenth of all that it costs; there is
 * no public way around it, so where Node does not keep its head as it did from its first versions on, or the connection is not one that is
 * kept, writeHead it is.
 */
export function writeRawHead(response: ServerResponse, { status, lines, text }: RawHead): void {
  const { httpVersionMinor } = response.req;
  if (!KEEPS_ITS_HEAD || !response.shouldKeepAlive || httpVersionMinor !== 1) {
    response.writeHead(status, lines);
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
