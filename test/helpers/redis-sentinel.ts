import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askInfo, askRedis } from './ask-redis.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { freePort } from './free-port.js';
import { type RedisProcess, startRedisProcess } from './redis-process.js';
import { inStep } from './redis-replica.js';
import { type RedisServer, type RedisUser, startRedis } from './redis-server.js';
import { within } from './within.js';

const NAME = 'main';
const SENTINELS_COUNT = 3;
const QUORUM_COUNT = 2;
const DOWN_AFTER_MS = 1000;
const ORDER_WITHIN_MS = 7000;
const FAILOVER_WITHIN_MS = 20_000;

export interface SentinelOptions {
  /** Default 1. */
  readonly replicasCount?: 1 | 2;
  /** A master refuses writes when no replica has been heard for two seconds (PROTOCOL.md, "What holds"). */
  readonly needsReplica?: boolean;
  /** An ACL user of all servers, for clients. */
  readonly user?: RedisUser;
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
  const { replicasCount = 1, needsReplica = false, user } = options;
  const lines = needsReplica ? ['min-replicas-to-write 1', 'min-replicas-max-lag 2'] : [];
  const topology = new LocalSentinel();
  try {
    const master = await topology.addServer(lines, user);
    const masterPort = topology.lineOf(master).port;
    const following = [...lines, `replicaof 127.0.0.1 ${masterPort}`];
    const watching = Array.from({ length: SENTINELS_COUNT }, () => topology.addSentinel(masterPort));
    const copying = Array.from({ length: replicasCount }, async () => {
      const replica = await topology.addServer(following, user);
      await inStep(replica.port);
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
  readonly #lines = new Map<RedisServer, FaultProxy>();
  readonly #sentinels: { process: RedisProcess; folder: string }[] = [];

  async addServer(lines: readonly string[], user: RedisUser | undefined): Promise<RedisServer> {
    const line = await startFaultProxy({ targetPort: 0 });
    const announced = ['replica-announce-ip 127.0.0.1', `replica-announce-port ${line.port}`];
    const options = { lines: [...lines, ...announced] };
    const server = await startRedis(user ? { ...options, user } : options);
    line.retarget(server.port);
    this.servers.push(server);
    this.#lines.set(server, line);
    return server;
  }

  async addSentinel(masterPort: number): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'dashcache-redis-'));
    const port = await freePort();
    const lines = watching(masterPort);
    try {
      const process = await startRedisProcess({ folder, port, lines, args: ['--sentinel'] });
      this.#sentinels.push({ process, folder });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    this.sentinels.push({ host: '127.0.0.1', port });
    // They find each other by what they publish, by default every two seconds, and replicas by INFO every ten. A replica whose INFO
    // is older than three periods is not good enough for an ordered failover, and they look every 100 ms: not much shorter.
    await askRedis(port, 'SENTINEL', 'DEBUG', 'publish-period', 100, 'info-period', 300);
  }

  async ready(replicasCount: number): Promise<void> {
    await within(
      10_000,
      () => this.#all((port) => knowsAll(port, replicasCount)),
      'sentinels that know all others',
    );
  }

  async master(): Promise<RedisServer> {
    const [first] = this.sentinels;
    if (!first) throw new Error('No sentinel has been started');
    return this.#serverOn(await masterPortOf(first.port));
  }

  async failover(): Promise<RedisServer> {
    const former = await this.master();
    const { port: formerPort } = this.lineOf(former);
    // An order comes to nothing when its sentinel happens to hold no replica good enough at that moment: then another gets it.
    for (const { port } of this.sentinels) {
      await askRedis(port, 'SENTINEL', 'FAILOVER', NAME).catch(() => {});
      const isObeyed = async () => (await masterPortOf(port)) !== formerPort;
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
    const isAnother = async (port: number) => (await masterPortOf(port)) !== this.lineOf(former).port;
    await within(FAILOVER_WITHIN_MS, () => this.#all(isAnother), 'another master');
    const master = await this.master();
    const leads = async () => (await askInfo(master.port, 'replication', 'role')) === 'master';
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

  async #all(holds: (sentinelPort: number) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(this.sentinels.map(({ port }) => holds(port)))).every((one) => one);
  }

  #serverOn(announcedPort: number): RedisServer {
    for (const [server, line] of this.#lines) if (line.port === announcedPort) return server;
    throw new Error(`No server of this topology is known by port ${announcedPort}`);
  }
}

function watching(masterPort: number): string[] {
  return [
    `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} ${QUORUM_COUNT}`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 3000`,
  ];
}

async function masterPortOf(sentinelPort: number): Promise<number> {
  const address = await askRedis(sentinelPort, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
  return Array.isArray(address) ? Number(address[1]) : 0;
}

/** A replica can be promoted only when the sentinel has seen it in step. */
async function knowsAll(sentinelPort: number, replicasCount: number): Promise<boolean> {
  const line = await askInfo(sentinelPort, 'sentinel', 'master0');
  if (!line.includes('status=ok') || !line.endsWith(`slaves=${replicasCount},sentinels=${SENTINELS_COUNT}`))
    return false;
  const replicas = (await askRedis(sentinelPort, 'SENTINEL', 'REPLICAS', NAME)) as string[][];
  return replicas.every((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok');
}
