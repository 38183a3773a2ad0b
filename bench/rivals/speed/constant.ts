import type { FastifyReply } from 'fastify';

/** What a program serves. */
export interface Constant {
  readonly body: Buffer;
  /** Of the body; what answers with an object takes identity only. */
  readonly coding: string;
  /** Under how many names; more than one only with Redis. */
  readonly entriesCount: number;
}

export const TTL_MS = 600_000;
export const ETAG = '"constant"';
const CONTENT_TYPE = 'application/json; charset=utf-8';

/** From the environment; never the default of a client, which may be the Redis of somebody else. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (!url) throw new Error('REDIS_URL is missing');
  return url;
}

/** Sets what says of which type and coding the body is. */
export function describe(reply: FastifyReply, coding: string): FastifyReply {
  reply.header('content-type', CONTENT_TYPE);
  if (coding !== 'identity') reply.header('content-encoding', coding);
  return reply;
}
