import { createHash, timingSafeEqual } from 'node:crypto';
import bearerAuth from '@fastify/bearer-auth';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type Config, isLoopback } from '../config.js';
import { DashcacheError } from '../errors.js';
import { asksForReload } from '../services/http/asks-for-reload.js';
import { isForeignOrigin, isLoopbackHost } from '../services/http/local-request.js';

/** Who may call a route. Without identity (JWT_* or API_KEYS_FILE) only administration is kept from anybody. */
export type Access = 'open' | 'reader' | 'statistics' | 'admin';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether who asks may have the source asked again, and wants it: Cache-Control: no-cache of an administrator. */
    mayReload(): boolean;
  }
  interface FastifyContextConfig {
    /** A route that says nothing is an administrator's: what was forgotten is closed. */
    access?: Access;
  }
}

export interface AccessOptions {
  readonly config: Pick<Config, 'adminToken' | 'host'>;
}

type Guard = (request: FastifyRequest) => DashcacheError | null;

/** Holds every route to its `access`. Administration wants ADMIN_TOKEN; without one it is open on loopback only. */
async function access(app: FastifyInstance, { config }: AccessOptions): Promise<void> {
  const { adminToken } = config;
  if (adminToken !== null)
    // Compares digests in constant time. RFC 6749 is its name for reading the scheme in any case, as RFC 9110 has it.
    await app.register(bearerAuth, {
      keys: [adminToken],
      addHook: false,
      specCompliance: 'rfc6749',
      verifyErrorLogLevel: 'debug',
    });
  const guard = isLoopback(config.host) ? onlyThisMachine : closed;
  const isAdministrator = (request: FastifyRequest) =>
    adminToken === null ? guard(request) === null : isBearer(request.headers.authorization, adminToken);
  app.decorateRequest('mayReload', function mayReload() {
    return asksForReload(this.headers) && isAdministrator(this);
  });

  app.addHook('onRequest', (request, reply, done) => {
    if ((request.routeOptions.config.access ?? 'admin') !== 'admin') return done();
    if (adminToken === null) return done(guard(request) ?? undefined);
    app.verifyBearerAuth?.(request, reply, (refused?: Error) => {
      if (!refused) return done();
      const isMissing = request.headers.authorization === undefined;
      reply.header(
        'www-authenticate',
        `Bearer realm="dashcache"${isMissing ? '' : ', error="invalid_token"'}`,
      );
      done(unauthorized(isMissing));
    });
  });
}

/** Compares digests, which are of one length, in constant time. */
function isBearer(authorization: string | undefined, token: string): boolean {
  const [, given] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digestOf(given), digestOf(token));
}

function unauthorized(isMissing: boolean): DashcacheError {
  return new DashcacheError('unauthorized', {
    detail: isMissing
      ? 'Administration wants the ADMIN_TOKEN of this service: send it as Authorization: Bearer.'
      : 'The credential is not the ADMIN_TOKEN of this service.',
  });
}

const closed: Guard = () =>
  new DashcacheError('administration_closed', {
    detail:
      'Administration is closed: others can reach this address, and there is no ADMIN_TOKEN to tell administrators by. Set ADMIN_TOKEN and start again.',
  });

/** A page of another website can make a browser on this machine ask loopback: by a name of its own, or across origins. */
const onlyThisMachine: Guard = ({ headers }) => {
  if (!isLoopbackHost(headers.host))
    return new DashcacheError('forbidden', {
      detail: 'Without ADMIN_TOKEN administration answers to localhost and loopback addresses only.',
    });
  if (isForeignOrigin(headers.origin, headers.host))
    return new DashcacheError('forbidden', {
      detail: 'Without ADMIN_TOKEN administration does not answer to pages of other websites.',
    });
  return null;
};

export default fp(access, { name: 'access', fastify: '5.x', dependencies: ['error-handler', 'not-found'] });
