import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askInfo, askRedis } from './ask-redis.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { freePort } from './free-port.js';
import { type RedisProcess, startRedisProcess } from './redis-process.js';
import { inStep } from './redis-replica.js';
import { type RedisServer, type RedisUser, startRedis, tlsLines } from './redis-server.js';
import type { TestCertificates } from './test-certificates.js';
import { within } from './within.js';

const NAME = 'main';
const SENTINELS_COUNT = 3;
const QUORUM_COUNT = 2;
const DOWN_AFTER_MS = 1000;
const ORDER_WITHIN_MS = 7000;
const FAILOVER_WITHIN_MS = 20_000;
const INFO_EVERY_MS = 300;
/** Until the sentinels have found each other, which they do by what they publish. */
const FIRST_PUBLISH_EVERY_MS = 100;
const PUBLISH_EVERY_MS = 500;

export interface SentinelOptions {
  /** Default 1. */
  readonly replicasCount?: 1 | 2;
  /** A master refuses writes when no replica has been heard for two seconds (PROTOCOL.md, "What holds"). */
  readonly needsReplica?: boolean;
  /** Silence of a master that makes it down; default a second. */
  readonly downAfterMs?: number;
  /** An ACL user of all servers, for clients. */
  readonly user?: RedisUser;
  /** Of the default user of all servers, for sentinels and replicas. */
  readonly password?: string;
  /** Of the sentinels themselves. */
  readonly sentinelPassword?: string;
  /** Every connection is TLS, those between servers and sentinels too. */
  readonly tls?: TestCertificates;
}

/**
 * One master, its replicas and three sentinels that count a master as down after a second. Each server stands behind a proxy and
 * is known to sentinels, replicas and their clients by the proxy's port: that is the network, which the test can break. A client
 * of `server.url` does not pass it, as one that stands beside the server.
 */
export interface SentinelTopology {
  /** What the sentinels call the master. */
  readonly name: string;
  /** For a client. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly servers: readonly RedisServer[];
  /** Whom the sentinels call master now. */
  master(): Promise<RedisServer>;
  /** Orders another master; resolves to it when all sentinels name it and it takes writes. */
  failover(): Promise<RedisServer>;
  /** SIGSTOP of the master, which is given back to be thawed; `masterAfter` waits for the next one. */
  freezeMaster(): Promise<RedisServer>;
  masterAfter(former: RedisServer): Promise<RedisServer>;
  /** The line between that server and all others. A black hole there makes a split, with a master on each side. */
  lineOf(server: RedisServer): FaultProxy;
  stop(): Promise<void>;
}

/** Resolves when every sentinel knows the others and every replica, so that a failover can begin at once. */
export async function startSentinel(options: SentinelOptions = {}): Promise<SentinelTopology> {
  const { replicasCount = 1 } = options;
  const topology = new LocalSentinel(options);
  try {
    const master = await topology.addServer([]);
    const masterPort = topology.lineOf(master).port;
    const watching = Array.from({ length: SENTINELS_COUNT }, () => topology.addSentinel(masterPort));
    const copying = Array.from({ length: replicasCount }, async () => {
      const replica = await topology.addServer([`replicaof 127.0.0.1 ${masterPort}`]);
      await inStep(replica.adminUrl);
    });
    // All of them, even when one fails: what starts later could not be stopped.
    for (const one of await Promise.allSettled([...watching, ...copying])) {
      if (one.status === 'rejected') throw one.reason;
    }
    await topology.ready(replicasCount);
    return topology;
  } catch (error) {
    await topology.stop();
    throw error;
  }
}

class LocalSentinel implements SentinelTopology {
  readonly name = NAME;
  readonly sentinels: { host: string; port: number }[] = [];
  readonly servers: RedisServer[] = [];
  readonly #options: SentinelOptions;
  readonly #lines = new Map<RedisServer, FaultProxy>();
  readonly #sentinels: { process: RedisProcess; folder: string; url: string }[] = [];

  constructor(options: SentinelOptions) {
    this.#options = options;
  }

  async addServer(lines: readonly string[]): Promise<RedisServer> {
    const { user, password, tls } = this.#options;
    const line = await startFaultProxy({ targetPort: 0 });
    const announced = ['replica-announce-ip 127.0.0.1', `replica-announce-port ${line.port}`];
    const server = await startRedis({
      lines: [...lines, ...announced, ...replicationLines(this.#options)],
      ...(user ? { user } : {}),
      ...(password === undefined ? {} : { password }),
      ...(tls ? { tls } : {}),
    });
    line.retarget(server.port);
    this.servers.push(server);
    this.#lines.set(server, line);
    return server;
  }

  async addSentinel(masterPort: number): Promise<void> {
    const { sentinelPassword, tls } = this.#options;
    const folder = mkdtempSync(join(tmpdir(), 'dashcache-redis-'));
    const port = await freePort();
    const lines = watching(masterPort, this.#options);
    const login = sentinelPassword === undefined ? '' : `:${encodeURIComponent(sentinelPassword)}@`;
    const url = `${tls ? 'rediss' : 'redis'}://${login}127.0.0.1:${port}`;
    try {
      const isTls = tls !== undefined;
      const process = await startRedisProcess({ folder, port, lines, isTls, args: ['--sentinel'] });
      this.#sentinels.push({ process, folder, url });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    this.sentinels.push({ host: '127.0.0.1', port });
    // They find replicas by INFO, by default every ten seconds. A replica whose INFO is older than three periods is not good enough
    // for an ordered failover, and they look every 100 ms: not much shorter.
    await setPeriods(url, FIRST_PUBLISH_EVERY_MS);
  }

  async ready(replicasCount: number): Promise<void> {
    await within(
      10_000,
      () => this.#all((url) => knowsAll(url, replicasCount)),
      'sentinels that know all others',
    );
    // A sentinel that sees a replica lead for four periods, and has not heard why, makes it a replica again. What it sees and what
    // it hears may lie an INFO apart: with a shorter period, a busy machine undid a failover, and both servers followed each other.
    await Promise.all(this.#sentinels.map(({ url }) => setPeriods(url, PUBLISH_EVERY_MS)));
  }

  async master(): Promise<RedisServer> {
    const [first] = this.#sentinels;
    if (!first) throw new Error('No sentinel has been started');
    return this.#serverOn(await masterPortOf(first.url));
  }

  async failover(): Promise<RedisServer> {
    const former = await this.master();
    const { port: formerPort } = this.lineOf(former);
    // An order comes to nothing when its sentinel happens to hold no replica good enough at that moment: then another gets it.
    for (const { url } of this.#sentinels) {
      await askRedis(url, 'SENTINEL', 'FAILOVER', NAME).catch(() => {});
      const isObeyed = async () => (await masterPortOf(url)) !== formerPort;
      const obeyed = within(ORDER_WITHIN_MS, isObeyed, 'an order obeyed').then(
        () => true,
        () => false,
      );
      if (await obeyed) break;
    }
    return this.masterAfter(former);
  }

  async freezeMaster(): Promise<RedisServer> {
    const master = await this.master();
    master.freeze();
    return master;
  }

  async masterAfter(former: RedisServer): Promise<RedisServer> {
    const isAnother = async (url: string) => (await masterPortOf(url)) !== this.lineOf(former).port;
    await within(FAILOVER_WITHIN_MS, () => this.#all(isAnother), 'another master');
    const master = await this.master();
    const leads = async () => (await askInfo(master.adminUrl, 'replication', 'role')) === 'master';
    await within(FAILOVER_WITHIN_MS, leads, 'a new master that knows it is one');
    return master;
  }

  lineOf(server: RedisServer): FaultProxy {
    const line = this.#lines.get(server);
    if (!line) throw new Error(`The server on port ${server.port} is none of this topology`);
    return line;
  }

  async stop(): Promise<void> {
    for (const { process, folder } of this.#sentinels.splice(0)) {
      await process.end();
      rmSync(folder, { recursive: true, force: true });
    }
    await Promise.all(this.servers.splice(0).map((server) => server.stop()));
    await Promise.all([...this.#lines.values()].map((line) => line.stop()));
  }

  async #all(holds: (sentinelUrl: string) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(this.#sentinels.map(({ url }) => holds(url)))).every((one) => one);
  }

  #serverOn(announcedPort: number): RedisServer {
    for (const [server, line] of this.#lines) if (line.port === announcedPort) return server;
    throw new Error(`No server of this topology is known by port ${announcedPort}`);
  }
}

/** Of every server: each may become a replica. */
function replicationLines({ needsReplica, password, tls }: SentinelOptions): string[] {
  return [
    ...(needsReplica ? ['min-replicas-to-write 1', 'min-replicas-max-lag 2'] : []),
    ...(password === undefined ? [] : [`masterauth "${password}"`]),
    ...(tls ? ['tls-replication yes'] : []),
  ];
}

function watching(masterPort: number, options: SentinelOptions): string[] {
  const { downAfterMs = DOWN_AFTER_MS, password, sentinelPassword, tls } = options;
  return [
    ...(tls ? [...tlsLines(tls), 'tls-replication yes'] : []),
    // Sentinels that have one use it among themselves too.
    ...(sentinelPassword === undefined ? [] : [`requirepass "${sentinelPassword}"`]),
    `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} ${QUORUM_COUNT}`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${NAME} "${password}"`]),
    `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${NAME} 3000`,
  ];
}

async function setPeriods(sentinelUrl: string, publishEveryMs: number): Promise<void> {
  const periods = ['publish-period', publishEveryMs, 'info-period', INFO_EVERY_MS];
  await askRedis(sentinelUrl, 'SENTINEL', 'DEBUG', ...periods);
}

async function masterPortOf(sentinelUrl: string): Promise<number> {
  const address = await askRedis(sentinelUrl, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
  return Array.isArray(address) ? Number(address[1]) : 0;
}

/** A replica can be promoted only when the sentinel has seen it in step. */
async function knowsAll(sentinelUrl: string, replicasCount: number): Promise<boolean> {
  const line = await askInfo(sentinelUrl, 'sentinel', 'master0');
  if (!line.includes('status=ok') || !line.endsWith(`slaves=${replicasCount},sentinels=${SENTINELS_COUNT}`))
    return false;
  const replicas = (await askRedis(sentinelUrl, 'SENTINEL', 'REPLICAS', NAME)) as string[][];
  return replicas.every((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok');
}
