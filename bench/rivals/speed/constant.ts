/** What a program serves. */
export interface Constant {
  readonly body: Buffer;
  /** Of the body; what answers with an object takes identity only. */
  readonly coding: string;
}

export const TTL_MS = 600_000;
/** Set anew by every program that asks Redis without a library. */
export const REDIS_KEY = 'constant';

/** From the environment; never the default of a client, which may be the Redis of somebody else. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (!url) throw new Error('REDIS_URL is missing');
  return url;
}
