import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { fieldValues } from '../services/http/field-values.js';
import { varyWith } from '../services/http/vary.js';
import { CredentialRefused } from '../services/identity/credential-refused.js';
import type { Credentials } from '../services/identity/credentials.js';
import type { Identity } from '../services/identity/identity.js';
import { openCredentials } from '../services/identity/open-credentials.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Null: no identity is configured, so everybody may read and the tenant parameter is believed. */
    credentials: Credentials | null;
    /** Who asks; null: nobody that is known. Undefined: that takes a check for which one has to wait. */
    identityNow(raw: IncomingMessage): Identity | null | undefined;
  }
  interface FastifyRequest {
    /** Who asks, by a verified credential; null: nobody that is known. */
    identity: Identity | null;
    /** Why a credential that was sent is not taken; null: there is none, or it is. */
    refusedCredential: CredentialRefused | null;
    /** Looks again who has the API key that was sent: it may have been withdrawn, or its record be another. */
    renewIdentity(): void;
  }
}

export interface IdentityOptions {
  readonly config: Config;
  /** In place of what the settings say. */
  readonly credentials?: Credentials | undefined;
}

/** An administrator who has ADMIN_TOKEN may name any tenant. */
const ADMINISTRATOR: Identity = { name: 'ADMIN_TOKEN', roles: ['admin'], tenants: [] };

/** What decides what is answered, where there are identities. */
const VARY_FIELDS = ['Authorization', 'X-API-Key'];

/** Knows who asks. What somebody may do is for access and tenant to say. */
async function identity(app: FastifyInstance, { config, ...given }: IdentityOptions): Promise<void> {
  const { clock, log } = app;
  const credentials = given.credentials ?? (await openCredentials(config, { clock, log }));
  const isAdminToken = adminTokenCheck(config.adminToken);
  const checks = { credentials, isAdminToken };
  app.decorate('credentials', credentials);
  app.decorate('identityNow', (raw: IncomingMessage) => {
    try {
      return identityOf(raw, checks, (known, token) => known.ofKnownToken(token) ?? undefined);
    } catch (error) {
      if (error instanceof CredentialRefused) return null;
      throw error;
    }
  });
  app.decorateRequest('identity', null);
  app.decorateRequest('refusedCredential', null);
  app.decorateRequest('renewIdentity', function renewIdentity() {
    const [key] = fieldValues(this.raw.rawHeaders, 'x-api-key');
    if (key === undefined || !credentials) return;
    try {
      this.identity = credentials.ofKey(key);
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error;
      this.identity = null;
      this.refusedCredential = error;
    }
  });
  app.addHook('onClose', async () => credentials?.close());

  app.addHook('onRequest', (request, reply, done) => {
    if (credentials)
      for (const field of VARY_FIELDS) reply.header('vary', varyWith(reply.getHeader('vary'), field));
    const taken = (found: Identity | null) => {
      request.identity = found;
      done();
    };
    const refused = (error: unknown) => {
      if (!(error instanceof CredentialRefused)) return done(error as Error);
      request.refusedCredential = error;
      // Said in the log alone: what is wrong with a credential is nobody's business but the operator's.
      request.log.debug({ err: error }, 'A credential was refused');
      done();
    };
    let found: Identity | null | Promise<Identity>;
    try {
      found = identityOf(request.raw, checks, (known, token) => known.ofToken(token));
    } catch (error) {
      return refused(error);
    }
    if (found instanceof Promise) found.then(taken, refused);
    else taken(found);
  });
}

interface Checks {
  readonly credentials: Credentials | null;
  readonly isAdminToken: (token: string) => boolean;
}

/** Null where there is no credential, or one of a kind that is not configured: whoever it is for, it is not for us. Throws CredentialRefused. */
function identityOf<Found>(
  { rawHeaders }: IncomingMessage,
  { credentials, isAdminToken }: Checks,
  ofToken: (credentials: Credentials, token: string) => Found,
): Identity | null | Found {
  const authorization = fieldValues(rawHeaders, 'authorization');
  const keys = fieldValues(rawHeaders, 'x-api-key');
  if (authorization.length + keys.length === 0) return null;
  // Two credentials could be of two people, and which of them counts would be a guess.
  if (authorization.length + keys.length > 1) throw new CredentialRefused('invalid', 'several credentials');
  const [key] = keys;
  if (key !== undefined) return credentials ? credentials.ofKey(key) : null;
  // RFC 9110 section 11.1: the scheme in any case.
  const [, token] = /^bearer +([\x21-\x7e]+)$/i.exec(authorization[0] ?? '') ?? [];
  if (token !== undefined && isAdminToken(token)) return ADMINISTRATOR;
  if (token === undefined || !credentials)
    throw new CredentialRefused('invalid', 'no bearer token that is known here');
  return ofToken(credentials, token);
}

/** Compares digests in constant time. */
function adminTokenCheck(adminToken: string | null): (token: string) => boolean {
  if (adminToken === null) return () => false;
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digestOf(adminToken);
  return (token) => timingSafeEqual(wanted, digestOf(token));
}

export default fp(identity, { name: 'identity', fastify: '5.x', dependencies: ['clock', 'error-handler'] });
