import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ERRORS } from '../errors.js';
import { NO_STORE } from '../services/http/cache-control.js';
import { Exchanges } from '../services/http/exchanges.js';
import { PROBLEM_TYPE } from '../services/http/problem.js';
import { requestId } from '../services/http/request-id.js';

/** For a server of our own and its connections. */
const exchanges = new Exchanges();

/** Connections on which something unreadable came: what follows it is not looked at. */
const given = new WeakSet<Socket>();

/** What Node's server does by itself before a request is ours, done as all else is. For a server of our own. */
async function clientErrors(app: FastifyInstance): Promise<void> {
  const { server } = app;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    exchanges.begin(request, response);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Behind the answer to another request Node would write it between the head and the body of this one.
    if (response.socket !== null) response.writeContinue();
    server.emit('request', request, response);
  });
  // Node's own answer has no body: the error handler refuses it.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

const CLIENT_ERRORS: Readonly<Record<string, { status: number; reason: string; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    detail: 'The request did not arrive in time.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    detail: 'The address and the header fields together are too long.',
  },
};
const UNREADABLE = { status: 400, reason: 'Bad Request', detail: 'This is not an HTTP request.' };

/** For what Node's parser cannot read: there is neither a request nor a reply, only a socket. */
export function answerClientError(this: FastifyInstance, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  // The parser says so of all that comes after, too.
  if (given.has(socket)) return;
  given.add(socket);
  // Whoever sent several requests at once takes the first answer for that of the first.
  const before = exchanges.underWayOn(socket).findLast(({ request }) => request.complete)?.response;
  const last = before ?? writtenOn(socket);
  if (last) last.once('close', () => refuse(this, error, socket));
  else refuse(this, error, socket);
}

function refuse(app: FastifyInstance, error: NodeJS.ErrnoException, socket: Socket): void {
  // After a reset nobody listens; after the head of an answer another one would become part of its body.
  if (!socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const { status, reason, detail } = CLIENT_ERRORS[error.code ?? ''] ?? UNREADABLE;
  const id = requestId({}, false);
  app.log.info({ reqId: id, reason: error.code }, `request refused: ${detail}`);
  const body = JSON.stringify({
    type: 'urn:problem-type:dashcache:request_malformed',
    title: ERRORS.request_malformed,
    status,
    detail,
    instance: '',
    code: 'request_malformed',
    request_id: id,
  });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: ${PROBLEM_TYPE}\r\nCache-Control: ${NO_STORE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function isAnswering(socket: Socket): boolean {
  return answerOn(socket)?.headersSent === true;
}

/** What is whole, and not yet out. */
function writtenOn(socket: Socket): ServerResponse | null {
  const answer = answerOn(socket);
  return answer?.writableEnded ? answer : null;
}

/** Node's own handler looks here too; there is no public way to ask. */
function answerOn(socket: Socket & { _httpMessage?: ServerResponse | null }): ServerResponse | null {
  return socket._httpMessage ?? null;
}

/** How many requests on a connection are not answered yet. */
export function underWayCount(socket: Socket): number {
  return exchanges.underWayOn(socket).length;
}

export default fp(clientErrors, { name: 'client-errors', fastify: '5.x' });
