import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';

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

/** The lines were checked when they were written first. `nowMs`: what Date says. */
export function rawHead(
  status: RawHead['status'],
  headers: RawHead['headers'],
  { nowMs, keepAliveTimeoutMs }: { nowMs: number; keepAliveTimeoutMs: number },
): RawHead {
  const own: [string, string][] = [
    ['Date', new Date(nowMs).toUTCString()],
    ['Connection', 'keep-alive'],
    ['Keep-Alive', `timeout=${Math.floor(keepAliveTimeoutMs / 1000)}`],
  ];
  const lines = [...Object.entries(headers), ...own].map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
  return { status, headers, text };
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
