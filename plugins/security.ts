import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export interface SecurityOptions {
  /** Whether pages of other websites may read the answers (CORS_ORIGINS). */
  readonly sharedWithOthers: boolean;
}

/** Security headers. The answers are data and no pages, so they may load, run and frame nothing. */
async function security(app: FastifyInstance, { sharedWithOthers }: SecurityOptions): Promise<void> {
  await app.register(helmet, {
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
}

export default fp(security, { name: 'security', fastify: '5.x' });
