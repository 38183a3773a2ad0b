import type { RedisTopology } from '../../cache/redis-topology.js';
import type { RedisRights } from './redis-rights.js';

/** Names and values of INFO. */
export type RedisInfo = ReadonlyMap<string, string>;

/** One server that takes writes. */
export interface RedisNodeSeen {
  /** host:port, or `Redis` where there is only one. */
  readonly name: string;
  readonly info: RedisInfo;
  /** How long each of some PINGs took. */
  readonly pingsMs: readonly number[];
}

/** What Redis itself says, asked as the user of the service. */
export interface RedisSeen {
  readonly kind: RedisTopology['kind'];
  readonly nodes: readonly RedisNodeSeen[];
  /** Null where they cannot be tried: a replica refuses whatever writes. */
  readonly rights: RedisRights | null;
  /** How far the clock of the first node is ahead of this one, in ms. */
  readonly clockAheadMs: number;
  /** Number of the database that we use. */
  readonly database: number;
}

/** A number of INFO; null where this server does not tell it. */
export function infoNumber(info: RedisInfo, name: string): number | null {
  const text = info.get(name);
  const value = Number(text);
  return text === undefined || text === '' || Number.isNaN(value) ? null : value;
}

/** The fields of a line such as `keys=3,expires=1`. */
export function infoFields(info: RedisInfo, name: string): ReadonlyMap<string, string> {
  const pairs = (info.get(name) ?? '').split(',').map((pair) => pair.split('='));
  return new Map(pairs.map(([key = '', value = '']) => [key, value]));
}

/** `name:value` lines; headlines and empty lines are left out. */
export function parseInfo(text: string): RedisInfo {
  const info = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) info.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return info;
}
