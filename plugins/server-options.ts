import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyServerOptions } from 'fastify';
import type { Config } from '../config.js';
import { requestId } from '../services/http/request-id.js';
import { loggerOptions } from '../services/logger-options.js';
import { BODY_MAX_BYTES } from './bodies.js';
import { answerClientError } from './client-errors.js';
import { answerFrameworkError } from './error-handler.js';
import { OneLineLog } from './logger.js';

/** How the HTTP server itself is set up: limits, time-outs, request ids, and errors that no route sees. */
export function serverOptions(
  config: Config,
  logger?: FastifyServerOptions['logger'],
): FastifyHttpOptions<Server> {
  return {
    logger: logger ?? loggerOptions(config),
    logController: new OneLineLog(),
    genReqId: ({ headers }) => requestId(headers, config.trustProxy !== false),
    trustProxy: trustedProxies(config.trustProxy),
    // HEAD is declared with each GET: Fastify's own would put a length of 0 on a 304.
    exposeHeadRoutes: false,
    // Node would refuse a request without Host itself, with an empty body: the error handler does it.
    // How often it looks whose head or body is late: the limits below hold to within that.
    http: { requireHostHeader: false, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    bodyLimit: BODY_MAX_BYTES,
    // Names are at most 64 characters.
    routerOptions: { maxParamLength: 128 },
    // A request that trickles in. How long a connection may be silent follows from the definitions (plugins/connections.ts).
    requestTimeout: 15_000,
    // Longer than balancers keep theirs (60 s): the side that is asked must not be the one that hangs up.
    keepAliveTimeout: 75_000,
    // While it drains, what still arrives on open connections is answered; only readiness says no.
    return503OnClosing: false,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  };
}

/** Fastify trusts nobody when it is given a number of hops: what the setting promises is said as a function. */
function trustedProxies(trusted: Config['trustProxy']): NonNullable<FastifyServerOptions['trustProxy']> {
  return typeof trusted === 'number' ? (_address, hop) => hop < trusted : trusted;
}
