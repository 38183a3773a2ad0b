import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { type Exchange, type HandOver, LATER, ReadyAnswers } from '../services/http/ready-answers.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Only on a server of our own. */
    readyAnswers?: ReadyAnswers;
  }
}

export interface ReadyAnswersOptions {
  /** What they may take in memory, beside the entries. */
  readonly maxBytes: number;
  /** Whether the address of a connection is not that of whoever asks (TRUST_PROXY), and that matters (RATE_LIMIT). */
  readonly needsProxies: boolean;
}

/** For a server of our own: there no hook of a host wants to see the answers. Comes before all that a hit needs no more. */
async function readyAnswers(
  app: FastifyInstance,
  { needsProxies, ...options }: ReadyAnswersOptions,
): Promise<void> {
  const ready = new ReadyAnswers(app, options);
  app.decorate('readyAnswers', ready);
  // Only a request that the router has made tells a line of the log, and what proxies say of who asks.
  const isBeforeRouter = !isInfoLogged(app) && !needsProxies;
  if (!isBeforeRouter) answerFirst(app);
  app.addHook('onReady', async () => {
    const forget = () => ready.forget();
    app.definitions.onTaken(forget);
    // Other tables are other tags.
    app.definitions.onChecked(forget);
    app.credentials?.onChange(forget);
    if (isBeforeRouter) answerBeforeRouter(app);
  });
}

function isInfoLogged({ log }: FastifyInstance): boolean {
  return 'isLevelEnabled' in log && typeof log.isLevelEnabled === 'function' && log.isLevelEnabled('info');
}

/** The router, its request and its reply cost more than the answer. */
function answerBeforeRouter(app: FastifyInstance): void {
  const { server } = app;
  const [route] = server.listeners('request');
  if (route === undefined) throw new Error('The server has no router');
  server.off('request', route as RequestListener);
  const handOver: HandOver = route.bind(server);
  // Before whoever watches what is not answered yet: most of it is by then.
  server.prependListener('request', (raw: IncomingMessage, response: ServerResponse) => {
    const head = guarded(app, { raw, response, address: null }, handOver);
    if (head === null) handOver(raw, response);
  });
}

function answerFirst(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const exchange = { raw: request.raw, response: reply.raw, address: request.ip };
    const head = guarded(app, exchange, null);
    if (head === null) return done();
    reply.hijack();
    // The line of the log tells how long it was.
    const length = head === LATER ? undefined : head.headers()['content-length'];
    if (length !== undefined) reply.header('content-length', length);
  });
}

/** A fault here is nobody's who asks: where nothing is sent yet, the way of every request answers. */
function guarded(
  { readyAnswers, log }: FastifyInstance,
  exchange: Exchange,
  handOver: HandOver | null,
): ReturnType<ReadyAnswers['answer']> {
  try {
    return readyAnswers?.answer(exchange, handOver) ?? null;
  } catch (error) {
    log.error({ err: error }, 'The ready answers failed');
    const { response } = exchange;
    if (!response.headersSent) return null;
    response.destroy();
    return LATER;
  }
}

export default fp(readyAnswers, { name: 'ready-answers', fastify: '5.x' });
