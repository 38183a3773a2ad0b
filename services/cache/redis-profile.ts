import type { RedisOptions } from 'ioredis';
import type { RedisLogin, RedisTopology, SentinelRedis } from './redis-topology.js';

/** Short, because a failover is over only when the next attempt finds the new master. */
const LONGEST_RETRY_MS = 300;
/** Each attempt asks a sentinel who leads; until it names another, the attempt ends at the frozen one. */
const SENTINEL_RETRY_MS = 50;

/** Replies stay as ioredis gives them by default, whose types this option would change. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** How every connection to Redis behaves, whatever the topology. Its time-outs end with the socket (docs/decisions/008). */
const PROFILE = {
  connectionName: 'dashcache',
  // Only newer servers know the command, and no user is asked to allow it.
  disableClientInfo: true,
  lazyConnect: true,
  // TLS too has to be agreed on in this time: a frozen Redis accepts connections and says nothing.
  connectTimeout: 500,
  // Shorter than socketTimeout: a command fails alone before its connection is given up.
  commandTimeout: 400,
  // The watchdog: a frozen Redis keeps its sockets open, and without this nothing is noticed for minutes.
  socketTimeout: 500,
  maxRetriesPerRequest: 0,
  // What timed out may have been applied, and would be applied again.
  autoResendUnfulfilledCommands: false,
  // A master that became a replica: whoever leads now is found by connecting anew.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies ConnectionOptions;

/** Ms before the next attempt to connect. */
export function retryDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS);
}

/** Of a connection to one server that is always the one to ask: itself, or the master of the moment. */
export function serverOptions(topology: Exclude<RedisTopology, { kind: 'cluster' }>): ConnectionOptions {
  return {
    ...PROFILE,
    // A command that waits for a connection is a reader who waits: fail at once and ask the source.
    enableOfflineQueue: false,
    retryStrategy: retryDelayMs,
    ...(topology.kind === 'sentinel' ? sentinelOptions(topology) : {}),
  };
}

/** Of the connection to a node of a Cluster: how it queues and when it connects again is the Cluster's. */
export function nodeOptions({ login, isTls }: { login: RedisLogin; isTls: boolean }): ConnectionOptions {
  return { ...PROFILE, ...loginOptions(login), ...(isTls ? { tls: {} } : {}) };
}

function sentinelOptions(topology: SentinelRedis): ConnectionOptions {
  const { sentinels, name, database, login, sentinelLogin, isTls } = topology;
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name,
    db: database,
    ...loginOptions(login),
    ...(sentinelLogin.username === null ? {} : { sentinelUsername: sentinelLogin.username }),
    ...(sentinelLogin.password === null ? {} : { sentinelPassword: sentinelLogin.password }),
    retryStrategy: () => SENTINEL_RETRY_MS,
    sentinelCommandTimeout: PROFILE.commandTimeout,
    // The first time it says only that all of them have been asked in turn.
    sentinelRetryStrategy: (round) => (round === 1 ? SENTINEL_RETRY_MS : retryDelayMs(round)),
    ...(isTls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  };
}

function loginOptions({ username, password }: RedisLogin): ConnectionOptions {
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
  };
}
