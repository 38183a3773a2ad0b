import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import helmet, { type HelmetOptions } from 'helmet';

export interface SecurityOptions {
  /** Whether pages of other websites may read the answers (CORS_ORIGINS). */
  readonly sharedWithOthers: boolean;
}

/** Security headers. The answers are data and no pages, so they may load, run and frame nothing. */
async function security(app: FastifyInstance, { sharedWithOthers }: SecurityOptions): Promise<void> {
  const headers = headersOf({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: sharedWithOthers ? 'cross-origin' : 'same-origin' },
    // Old names for what the policy above says, or about pages of which there are none.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    originAgentCluster: false,
    // TLS ends in front of this service; whoever ends it decides whether the name is TLS only.
    strictTransportSecurity: false,
  });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** As helmet says them to anybody: nothing of a request changes them, so they are made once (@fastify/helmet makes them for every one). */
function headersOf(options: HelmetOptions): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, (error) => {
    if (error) throw error;
  });
  return Object.fromEntries(
    Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
}

export default fp(security, { name: 'security', fastify: '5.x' });
