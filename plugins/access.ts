import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type Config, isLoopback } from '../config.js';
import { DashcacheError } from '../errors.js';
import { asksForReload } from '../services/http/asks-for-reload.js';
import { isForeignOrigin, isLoopbackHost } from '../services/http/local-request.js';
import type { Identity } from '../services/identity/identity.js';
import { type Access, isStaff, may } from '../services/identity/may.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether somebody may read data; null: nobody that is known. */
    mayRead(identity: Identity | null): boolean;
  }
  interface FastifyRequest {
    /** Whether who asks may have the source asked again, and wants it: Cache-Control: no-cache of staff. */
    mayReload(): boolean;
    /** Throws what its route would answer now: an API key may have been withdrawn since, or lost a role. */
    checkAccessAgain(): void;
  }
  interface FastifyContextConfig {
    /** Who may call it. A route that says nothing is an administrator's: what was forgotten is closed. */
    access?: Access;
  }
}

export interface AccessOptions {
  readonly config: Pick<Config, 'adminToken' | 'host'>;
}

type Guard = (request: FastifyRequest) => DashcacheError | null;

/**
 * Holds every route to its `access`. Without identity (JWT_* or API_KEYS_FILE) only administration is kept from anybody: it wants
 * ADMIN_TOKEN, and without one it is open on loopback alone.
 */
async function access(app: FastifyInstance, { config }: AccessOptions): Promise<void> {
  const guardWithoutToken = isLoopback(config.host) ? onlyThisMachine : closed;
  const hasIdentities = app.credentials !== null;
  const guard: Guard = config.adminToken === null && !hasIdentities ? guardWithoutToken : guardedByRoles;
  const isStaffHere = (request: FastifyRequest) =>
    guard === guardedByRoles
      ? request.identity !== null && isStaff(request.identity)
      : guard(request) === null;
  app.decorateRequest('mayReload', function mayReload() {
    return asksForReload(this.headers) && isStaffHere(this);
  });

  app.decorate(
    'mayRead',
    (identity: Identity | null) => !hasIdentities || (identity !== null && may(identity, 'reader')),
  );

  const refusalOf: Guard = (request) => {
    const wanted = request.routeOptions.config.access ?? 'admin';
    return wanted === 'open' || (wanted !== 'admin' && !hasIdentities) ? null : guard(request);
  };
  app.decorateRequest('checkAccessAgain', function checkAccessAgain() {
    this.renewIdentity();
    const refusal = refusalOf(this);
    if (refusal) throw refusal;
  });

  app.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalOf(request);
    if (refusal?.code === 'unauthorized') reply.header('www-authenticate', challenge(request));
    done(refusal ?? undefined);
  });
}

const guardedByRoles: Guard = ({ identity, refusedCredential, routeOptions, server }) => {
  const wanted = routeOptions.config.access ?? 'admin';
  if (identity && may(identity, wanted)) return null;
  if (identity)
    return new DashcacheError('forbidden', {
      detail: `The credential is good, but none of its roles may do this (${ROLES_IN_WORDS[wanted]}).`,
    });
  const asked = server.credentials
    ? 'a token as Authorization: Bearer, or an API key as X-API-Key'
    : 'ADMIN_TOKEN as Authorization: Bearer';
  return new DashcacheError('unauthorized', {
    detail: refusedCredential
      ? `${refusedCredential.message} Wanted is ${asked}.`
      : `This address wants ${asked}.`,
  });
};

const ROLES_IN_WORDS: Readonly<Record<Access, string>> = {
  open: 'anybody',
  reader: 'reader, staff or admin',
  statistics: 'scraper, staff or admin',
  admin: 'admin',
};

/** RFC 6750 section 3. */
function challenge({ refusedCredential }: FastifyRequest): string {
  return `Bearer realm="dashcache"${refusedCredential ? ', error="invalid_token"' : ''}`;
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

export default fp(access, {
  name: 'access',
  fastify: '5.x',
  dependencies: ['error-handler', 'not-found', 'identity'],
});
