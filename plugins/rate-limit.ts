import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import type { Identity } from '../services/identity/identity.js';
import type { Rate } from '../services/quota/rate.js';
import { RateLimiter } from '../services/quota/rate-limiter.js';
import { SharedRates } from '../services/quota/shared-rates.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Null without RATE_LIMIT. */
    rateLimiter: CallerLimiter | null;
  }
}

/** Whoever is not known by a credential is known by the address. */
export interface Caller {
  readonly identity: Identity | null;
  readonly address: string;
}

export interface CallerLimiter {
  /** Counts a request and gives 0, or the ms until this caller may ask again. */
  waitMs(caller: Caller): number;
}

export interface RateLimitOptions {
  /** RATE_LIMIT; null: nobody is counted. */
  readonly rate: Rate | null;
  readonly redisPrefix: string;
}

/**
 * Bounds what one caller asks. Our own and not @fastify/rate-limit: that one asks Redis about every request, and a hit from memory asks
 * nobody (invariant 7). Comes before access, so that guesses at credentials are counted too.
 */
async function rateLimit(
  app: FastifyInstance,
  { rate, redisPrefix: prefix }: RateLimitOptions,
): Promise<void> {
  if (rate === null) {
    app.decorate('rateLimiter', null);
    return;
  }
  const { clock } = app;
  const { client: redis } = app.redisConnection;
  const ledger = redis && new SharedRates({ redis, prefix, clock, windowMs: rate.windowMs });
  const limiter = new RateLimiter({ rate, clock, ledger });
  app.addHook('onClose', async () => limiter.close());

  const rateLimiter: CallerLimiter = {
    waitMs: (caller) => (caller.identity?.roles.includes('admin') ? 0 : limiter.waitMsOf(textOf(caller))),
  };
  app.decorate('rateLimiter', rateLimiter);

  app.addHook('onRequest', (request, _reply, done) => {
    const isFree = request.routeOptions.config.access === 'open';
    const waitMs = isFree ? 0 : rateLimiter.waitMs({ identity: request.identity, address: request.ip });
    done(waitMs > 0 ? tooMany(rate, waitMs) : undefined);
  });
}

function textOf({ identity, address }: Caller): string {
  return identity ? `identity ${identity.name}` : `address ${address}`;
}

function tooMany({ maxCount, windowMs }: Rate, waitMs: number): DashcacheError {
  return new DashcacheError('too_many_requests', {
    detail: `More than ${maxCount} requests within ${windowMs / 1000} s are not answered.`,
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}

export default fp(rateLimit, {
  name: 'rate-limit',
  fastify: '5.x',
  dependencies: ['clock', 'error-handler', 'identity', 'redis'],
});
