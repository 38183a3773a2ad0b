import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';

/** Methods that a route of ours may have; OPTIONS belongs to CORS. */
const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

export interface NotFoundOptions {
  /** Whether all that lies below the prefix of this scope is ours: a host keeps the rest of its addresses. */
  readonly ownsPrefix: boolean;
}

/**
 * Refuses unknown addresses, and known ones that do not answer this method. A hook rather than a handler: it speaks before
 * the body of the request is read, so a broken body at an unknown address is a 404 too.
 */
async function notFound(app: FastifyInstance, { ownsPrefix }: NotFoundOptions): Promise<void> {
  app.addHook('onRequest', (request, reply, done) =>
    done(request.is404 ? refusalOf(request, reply) : undefined),
  );
  // Without a handler of the scope the hooks of the host are asked, not ours. What the hook lets pass are routes that find
  // nothing themselves, as those of files do.
  if (ownsPrefix)
    app.setNotFoundHandler(() => {
      throw new DashcacheError('route_unknown');
    });
}

function refusalOf(request: FastifyRequest, reply: FastifyReply): DashcacheError {
  const [path = '/'] = request.url.split('?', 1);
  const allowed = METHODS.filter((method) => request.server.findRoute({ method, url: path }) !== null);
  if (allowed.length === 0) return new DashcacheError('route_unknown');
  // RFC 9110 section 15.5.6: a 405 must say which methods there are.
  reply.header('allow', allowed.join(', '));
  return new DashcacheError('method_not_allowed', { detail: `This address answers ${allowed.join(', ')}.` });
}

export default fp(notFound, { name: 'not-found', fastify: '5.x', dependencies: ['error-handler'] });
