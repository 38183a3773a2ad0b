import { randomBytes } from 'node:crypto';
import type { RedisClient } from '../../cache/redis-client.js';

/** A command as it is tried, its key last but for its arguments. */
type Try = readonly [command: string, ...words: string[]];

const DANGEROUS: readonly Try[] = [
  ['CONFIG', 'GET', 'maxmemory-policy'],
  ['KEYS', 'no-key-has-this-name'],
  ['ACL', 'WHOAMI'],
];

/**
 * What the service sends, each in a form that changes nothing: on a key that is not there, or on our probe, which has another type.
 * EVAL, INFO and SELECT are tried with their own keys, SUBSCRIBE at last, because nothing else may follow it on a connection.
 */
function tries(absent: string, probe: string, channel: string): readonly Try[] {
  return [
    ['SET', probe, '1', 'PX', '5000'],
    ['GET', absent],
    ['GETRANGE', absent, '0', '1'],
    ['STRLEN', absent],
    ['EXISTS', absent],
    ['PTTL', absent],
    ['PEXPIRE', absent, '1'],
    ['DEL', absent],
    ['UNLINK', absent],
    ['HSET', probe, 'a', '1'],
    ['HINCRBY', probe, 'a', '1'],
    ['HGET', absent, 'a'],
    ['HMGET', absent, 'a'],
    ['HGETALL', absent],
    ['HDEL', absent, 'a'],
    ['HEXISTS', absent, 'a'],
    ['HLEN', absent],
    ['HSCAN', absent, '0'],
    ['ZADD', absent, 'XX', '1', 'a'],
    ['ZREM', absent, 'a'],
    ['ZSCORE', absent, 'a'],
    ['ZCARD', absent],
    ['ZCOUNT', absent, '0', '1'],
    ['ZRANGE', absent, '0', '1'],
    ['ZRANGEBYSCORE', absent, '0', '1'],
    ['ZREMRANGEBYSCORE', absent, '0', '1'],
    ['XADD', absent, 'NOMKSTREAM', '*', 'a', '1'],
    ['XRANGE', absent, '-', '+', 'COUNT', '1'],
    ['XREVRANGE', absent, '+', '-', 'COUNT', '1'],
    ['MEMORY', 'USAGE', absent],
    ['EVAL', 'return 1', '1', absent],
    ['PUBLISH', channel, '1'],
  ];
}

export interface RedisRights {
  /** Commands of docs/redis.md that the user may not run on our keys. */
  readonly refused: readonly string[];
  /** Dangerous ones that it may run. */
  readonly dangerous: readonly string[];
}

/** Which commands the user of this client may not run under our prefix, and which dangerous ones it may. Leaves nothing behind. */
export async function redisRights(client: RedisClient, prefix: string): Promise<RedisRights> {
  const name = `${prefix}doctor:${randomBytes(6).toString('hex')}`;
  const probe = `${name}:probe`;
  const refused: string[] = [];
  const all = [...tries(`${name}:absent`, probe, name), ['TIME'] as Try];
  for (const words of all) if (!(await isAllowed(client, words))) refused.push(words[0]);
  await client.unlink(probe).catch(() => {});
  const dangerous: string[] = [];
  for (const words of DANGEROUS) if (await isAllowed(client, words)) dangerous.push(words[0]);
  return { refused, dangerous };
}

/** Any other refusal than for want of rights is of no account here. Rejects when there is no answer. */
async function isAllowed(client: RedisClient, [command, ...words]: Try): Promise<boolean> {
  try {
    await client.call(command, ...words);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
    return !/^(NOPERM|NOAUTH)\b/.test(error.message);
  }
}
