import { askRedis } from './ask-redis.js';
import { freePorts } from './free-port.js';
import { inStep } from './redis-replica.js';
import { type RedisServer, startRedis } from './redis-server.js';
import type { TestCertificates } from './test-certificates.js';
import { within } from './within.js';

const SLOTS_COUNT = 16_384;
const NODE_TIMEOUT_MS = 1000;
const READY_WITHIN_MS = 15_000;

export interface ClusterOptions {
  /** Default 3: fewer cannot agree on a failover. */
  readonly mastersCount?: number;
  /** Of every master; default none. */
  readonly replicasCount?: 0 | 1;
  /** Every connection is TLS, those between the nodes too. */
  readonly tls?: TestCertificates;
  /** Of the default user, of clients and nodes alike. */
  readonly password?: string;
  /** The nodes tell clients this name in place of their address. */
  readonly hostname?: string;
}

/** Nodes of one Redis Cluster whose slots are all served; a silent master is replaced after a second or two. */
export interface RedisCluster {
  /** For a client. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** The masters it began with, in the order of their slots. */
  readonly masters: readonly RedisServer[];
  /** Their replicas, in the same order. */
  readonly replicas: readonly RedisServer[];
  slotOf(key: string): Promise<number>;
  /** The master that serves the key now, as `asked` (default: the first node) sees it. */
  ownerOf(key: string, asked?: RedisServer): Promise<RedisServer>;
  /** Moves a slot with its keys, as a resharding does. */
  moveSlot(slot: number, to: RedisServer): Promise<void>;
  /** Orders a replica to take its master's place; resolves when all nodes know. */
  failover(to: RedisServer): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when every node serves all slots and every replica is in step. */
export async function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const { mastersCount = 3, replicasCount = 0 } = options;
  const busPorts = await freePorts(mastersCount * (1 + replicasCount));
  const starting = await Promise.allSettled(busPorts.map((busPort) => startNode(busPort, options)));
  const nodes = starting.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const cluster = new LocalCluster(nodes, mastersCount);
  try {
    for (const one of starting) if (one.status === 'rejected') throw one.reason;
    await cluster.join();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

interface Node {
  readonly server: RedisServer;
  readonly busPort: number;
  readonly id: string;
}

async function startNode(busPort: number, { tls, password, hostname }: ClusterOptions): Promise<Node> {
  const server = await startRedis({
    ...(tls ? { tls } : {}),
    ...(password === undefined ? {} : { password }),
    lines: [
      ...(tls ? ['tls-cluster yes', 'tls-replication yes'] : []),
      ...(password === undefined ? [] : [`masterauth "${password}"`]),
      ...(hostname === undefined
        ? []
        : [`cluster-announce-hostname ${hostname}`, 'cluster-preferred-endpoint-type hostname']),
      'cluster-enabled yes',
      `cluster-port ${busPort}`,
      `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
      'cluster-config-file nodes.conf',
    ],
  });
  return { server, busPort, id: String(await askRedis(server.adminUrl, 'CLUSTER', 'MYID')) };
}

class LocalCluster implements RedisCluster {
  readonly #all: readonly Node[];
  readonly #mastersCount: number;

  constructor(all: readonly Node[], mastersCount: number) {
    this.#all = all;
    this.#mastersCount = mastersCount;
  }

  get nodes(): { host: string; port: number }[] {
    return this.#all.map(({ server }) => ({ host: '127.0.0.1', port: server.port }));
  }

  get masters(): RedisServer[] {
    return this.#all.slice(0, this.#mastersCount).map(({ server }) => server);
  }

  get replicas(): RedisServer[] {
    return this.#all.slice(this.#mastersCount).map(({ server }) => server);
  }

  async join(): Promise<void> {
    // Before any of them knows another: then an epoch is refused.
    await Promise.all(this.#all.map((node, index) => this.#assign(node, index)));
    await Promise.all(this.#all.map((node, index) => this.#introduce(node, index)));
    await this.#agreed((lines) => lines.length === this.#all.length, 'nodes that know each other');
    await Promise.all(this.#all.map((node, index) => this.#follow(node, index)));
    const isServed = async ({ server }: Node) => (await stateOf(server.adminUrl)) === 'ok';
    await within(READY_WITHIN_MS, () => this.#every(isServed), 'a cluster that serves all slots');
    await Promise.all(this.replicas.map(({ adminUrl }) => inStep(adminUrl)));
    // A replica that the masters have not heard of as one could not take over.
    const isKnown = (lines: readonly string[]) =>
      lines.filter((line) => line.includes('slave')).length === this.replicas.length;
    await this.#agreed(isKnown, 'replicas that everybody knows');
  }

  async slotOf(key: string): Promise<number> {
    return Number(await askRedis(this.#first.server.adminUrl, 'CLUSTER', 'KEYSLOT', key));
  }

  async ownerOf(key: string, asked = this.#first.server): Promise<RedisServer> {
    return (await this.#ownerOfSlot(await this.slotOf(key), this.#nodeOn(asked.port))).server;
  }

  async moveSlot(slot: number, to: RedisServer): Promise<void> {
    const target = this.#nodeOn(to.port);
    const source = await this.#ownerOfSlot(slot);
    const setSlot = (node: Node, ...words: string[]) =>
      askRedis(node.server.adminUrl, 'CLUSTER', 'SETSLOT', slot, ...words);
    await setSlot(target, 'IMPORTING', source.id);
    await setSlot(source, 'MIGRATING', target.id);
    for (;;) {
      const keys = (await askRedis(
        source.server.adminUrl,
        'CLUSTER',
        'GETKEYSINSLOT',
        slot,
        100,
      )) as string[];
      if (keys.length === 0) break;
      const where = ['127.0.0.1', to.port, '', 0, 1000] as const;
      await askRedis(source.server.adminUrl, 'MIGRATE', ...where, 'KEYS', ...keys);
    }
    // The target first: else both would refuse for a moment and nobody own it.
    for (const node of [target, source]) await setSlot(node, 'NODE', target.id);
    const sees = async (node: Node) => (await this.#ownerOfSlot(slot, node)) === target;
    await within(READY_WITHIN_MS, () => this.#every(sees), `slot ${slot} known at its new place`);
  }

  async failover(to: RedisServer): Promise<void> {
    const { id } = this.#nodeOn(to.port);
    await askRedis(to.adminUrl, 'CLUSTER', 'FAILOVER');
    const leads = (lines: readonly string[]) =>
      lines.some((line) => line.startsWith(id) && line.includes('master') && / \d+(-\d+)?$/.test(line));
    await this.#agreed(leads, 'the replica in the place of its master');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map(({ server }) => server.stop()));
  }

  get #first(): Node {
    const [first] = this.#all;
    if (!first) throw new Error('The cluster has no node');
    return first;
  }

  async #assign({ server: { adminUrl } }: Node, index: number): Promise<void> {
    await askRedis(adminUrl, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (index < this.#mastersCount) {
      const from = Math.floor((SLOTS_COUNT * index) / this.#mastersCount);
      const to = Math.floor((SLOTS_COUNT * (index + 1)) / this.#mastersCount) - 1;
      await askRedis(adminUrl, 'CLUSTER', 'ADDSLOTSRANGE', from, to);
    }
  }

  async #introduce({ server: { adminUrl } }: Node, index: number): Promise<void> {
    // All of them by ourselves: gossip would take seconds.
    for (const other of this.#all.slice(0, index))
      await askRedis(adminUrl, 'CLUSTER', 'MEET', '127.0.0.1', other.server.port, other.busPort);
  }

  async #follow({ server }: Node, index: number): Promise<void> {
    const master = this.#all[index - this.#mastersCount];
    if (master) await askRedis(server.adminUrl, 'CLUSTER', 'REPLICATE', master.id);
  }

  async #ownerOfSlot(slot: number, asked = this.#first): Promise<Node> {
    const ranges = (await askRedis(asked.server.adminUrl, 'CLUSTER', 'SLOTS')) as [
      number,
      number,
      [string, number],
    ][];
    const port = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2][1];
    return this.#nodeOn(port ?? 0);
  }

  /** Waits until every node's list of the nodes, without those that still shake hands, is as wanted. */
  async #agreed(holds: (lines: readonly string[]) => boolean, what: string): Promise<void> {
    const knows = async ({ server }: Node) => {
      const list = String(await askRedis(server.adminUrl, 'CLUSTER', 'NODES'));
      return holds(list.split('\n').filter((line) => line !== '' && !line.includes('handshake')));
    };
    await within(READY_WITHIN_MS, () => this.#every(knows), what);
  }

  async #every(holds: (node: Node) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(this.#all.map(holds))).every((one) => one);
  }

  #nodeOn(port: number): Node {
    const node = this.#all.find(({ server }) => server.port === port);
    if (!node) throw new Error(`No node of this cluster has port ${port}`);
    return node;
  }
}

async function stateOf(url: string): Promise<string> {
  const text = String(await askRedis(url, 'CLUSTER', 'INFO'));
  return /^cluster_state:(\w+)/m.exec(text)?.[1] ?? '';
}
