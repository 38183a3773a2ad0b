import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { DashcacheError } from '../errors.js';

declare module 'fastify' {
  interface FastifyReply {
    /** Why the request was refused, for its line in the log; only on a server of our own. */
    refusal: DashcacheError | null;
  }
}

/** For a server whose log has one line a request (plugins/logger.ts): a host's own does not say why one was refused. */
async function refusals(app: FastifyInstance): Promise<void> {
  app.decorateReply('refusal', null);
}

export default fp(refusals, { name: 'refusals', fastify: '5.x' });
