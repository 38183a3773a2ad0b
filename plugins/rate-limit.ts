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

export interface CallerLimiter {
  /** How a caller is known: by the credential, or by the address; null: nobody counts what an administrator asks. */
  callerOf(identity: Identity | null, address: string): string | null;
  /** Counts a request and gives 0, or the ms until this caller may ask again. */
  waitMs(caller: string | null): number;
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
    callerOf: (identity, address) => {
      if (!identity) return `address ${address}`;
      return identity.roles.includes('admin') ? null : `identity ${identity.name}`;
    },
    waitMs: (caller) => (caller === null ? 0 : limiter.waitMsOf(caller)),
  };
  app.decorate('rateLimiter', rateLimiter);

  app.addHook('onRequest', (request, _reply, done) => {
    const { readyAnswers } = request.server;
    const isCounted = readyAnswers?.begunRead(request.raw) !== undefined;
    const isFree = isCounted || request.routeOptions.config.access === 'open';
    const waitMs = isFree ? 0 : rateLimiter.waitMs(rateLimiter.callerOf(request.identity, request.ip));
    done(waitMs > 0 ? tooMany(rate, waitMs) : undefined);
  });
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
