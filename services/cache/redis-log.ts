import type { Log } from '../log.js';
import type { RedisClient } from './redis-client.js';
import type { RedisNode, RedisTopology } from './redis-topology.js';
import { type RedisTrouble, redisTrouble } from './redis-trouble.js';
import { tlsFault } from './tls-fault.js';

const LOG_EVERY_MS = 60_000;
/** All that the client tells of a sentinel or node whose certificate it refused. */
const HIDDEN_REASON = 'Connection is closed.';

/** While Redis is away every attempt fails alike: each meaning is told once a minute, and that it is back when it is. */
export function logRedis(client: RedisClient, topology: RedisTopology, log: Log): void {
  const toldAtMs = new Map<string, number>();
  const asked = askedInTls(topology);
  const tell = ({ reason, message }: RedisTrouble): void => {
    if (isRecent(toldAtMs, message)) return;
    toldAtMs.set(message, performance.now());
    log.warn({ reason }, message);
  };
  client.on('error', (error: Error) => {
    const trouble = redisTrouble(error);
    if (!trouble) return;
    if (!asked || trouble.reason !== HIDDEN_REASON) return tell(trouble);
    if (isRecent(toldAtMs, HIDDEN_REASON)) return;
    toldAtMs.set(HIDDEN_REASON, performance.now());
    void tlsFault(asked).then((code) => tell((code && redisTrouble(new Error(code))) || trouble));
  });
  client.on('ready', () => {
    toldAtMs.clear();
    log.info({}, 'Redis answers');
  });
}

function isRecent(toldAtMs: ReadonlyMap<string, number>, what: string): boolean {
  return performance.now() - (toldAtMs.get(what) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS;
}

/** One of those whose refusals the client hides; null where it hides none. */
function askedInTls(topology: RedisTopology): RedisNode | null {
  if (topology.kind === 'single' || !topology.isTls) return null;
  return (topology.kind === 'sentinel' ? topology.sentinels : topology.nodes)[0] ?? null;
}
