import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import { NO_STORE } from '../services/http/cache-control.js';
import { errorOf } from '../services/http/error-of.js';
import { expectFault } from '../services/http/expect-fault.js';
import { hostFault } from '../services/http/host-fault.js';
import { PROBLEM_TYPE, type Problem, problemOf } from '../services/http/problem.js';
import { RefusalLines } from '../services/http/refusal-lines.js';
import { retryAfterSecondsOf } from '../services/http/status-of.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The problem that a thrown error is for this request; logs it with its real cause. */
    problem(thrown: unknown): { problem: Problem; error: DashcacheError };
  }
}

/** Answers every error as problem+json with no-store; what really happened goes to the log under the same request id. */
async function errorHandler(app: FastifyInstance): Promise<void> {
  const lines = new RefusalLines();
  app.decorateRequest('problem', function problem(thrown) {
    return tellProblem(thrown, this, { lines });
  });
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const detail = hostFault(raw) ?? expectFault(raw);
    done(detail === null ? undefined : new DashcacheError('request_malformed', { detail }));
  });
  app.setErrorHandler((thrown, request, reply) => sendProblem(thrown, { request, reply, lines }));
}

const ABOUT_CONTENT = [
  'etag',
  'age',
  'cache-status',
  'content-encoding',
  'dashcache-panels',
  'last-modified',
];

interface Answering {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly lines: RefusalLines;
}

function sendProblem(thrown: unknown, { request, reply, lines }: Answering): FastifyReply {
  const { problem, error } = tellProblem(thrown, request, { lines, reply });
  // A handler may have got as far as describing the answer that it then could not give.
  for (const name of ABOUT_CONTENT) reply.removeHeader(name);
  const retryAfterSeconds = retryAfterSecondsOf(error);
  if (retryAfterSeconds !== null) reply.header('retry-after', retryAfterSeconds);
  return reply
    .code(problem.status)
    .header('cache-control', NO_STORE)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}

/** Takes nothing of ours from the request: framework errors come with one that has no decorators. */
function tellProblem(
  thrown: unknown,
  { id, raw, log }: FastifyRequest,
  { lines, reply }: { readonly lines: RefusalLines; readonly reply?: FastifyReply },
): { problem: Problem; error: DashcacheError } {
  const error = errorOf(thrown);
  const problem = problemOf(error, { id, url: raw.url ?? '' });
  const { code } = error;
  if (code === 'internal') log.error({ err: error, code, reason: reasonOf(error) }, 'request failed');
  // Expected while a source is away, once a panel and request: the reason is worth a line, its stack is not.
  else if (problem.status >= 500) {
    const leftOutCount = lines.tell(code);
    const leftOut = leftOutCount ? { left_out: leftOutCount } : {};
    if (leftOutCount !== null)
      log.warn({ code, reason: reasonOf(error), ...leftOut }, `request failed: ${error.message}`);
  }
  // Its line is still to come, and says so.
  else if (reply?.refusal === null) reply.refusal = error;
  else log.info({ code }, `request refused: ${error.message}`);
  return { problem, error };
}

function reasonOf({ cause }: DashcacheError): string | undefined {
  return cause === undefined ? undefined : cause instanceof Error ? cause.message : String(cause);
}

/** For errors before any route, hook or handler is known: broken escapes and over-long segments of the path. */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.header('x-content-type-options', 'nosniff');
  sendProblem(error, { request, reply, lines: new RefusalLines() });
}

export default fp(errorHandler, { name: 'error-handler', fastify: '5.x' });
