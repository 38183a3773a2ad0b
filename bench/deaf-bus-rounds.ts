import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { askRedis } from '../test/helpers/ask-redis.js';
import { type FaultProxy, startFaultProxy } from '../test/helpers/fault-proxy.js';
import type { Lifetime } from '../test/helpers/lifetime.js';
import type { RedisUser } from '../test/helpers/redis-server.js';
import { json } from '../test/helpers/scripted-upstream.js';
import type { Service } from '../test/helpers/start-service.js';
import { ask } from '../test/integration/support/ask.js';
import { broken, pathOfKey, type Replicas, replicas } from '../test/integration/support/replicas.js';
import { tell } from '../test/integration/support/two-processes.js';
import { until } from '../test/integration/support/until.js';

const REPLICAS_COUNT = 3;
/** What no invalidation may exceed, whatever happens to messages. */
export const EFFECTIVE_WITHIN_MS = 2000;
const KILL_EVERY_MS = 200;
const ASK_EVERY_MS = 20;
/** Keys that are invalidated at the same time, each again and again, unless one says otherwise. */
const KEYS_COUNT = 6;
const GIVE_UP_MS = 10_000;

/** In turn. */
const KINDS = [
  { mode: 'purge', wait: true },
  { mode: 'purge', wait: false },
  { mode: 'expire', wait: false },
] as const;

/** How long invalidations took, from their sending until every replica had answered with the new value. */
export interface BusFigures {
  readonly invalidationsCount: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** Later than EFFECTIVE_WITHIN_MS, although Redis answered every process. */
  readonly lateCount: number;
  /** Reads that began after a waiting purge had been acknowledged, and were given the old value as a proven one. */
  readonly oldReadsCount: number;
  /** Reads that were given the old value from a process that Redis did not answer in time. */
  readonly unprovenCount: number;
}

interface Invalidating {
  readonly sender: Service;
  readonly kind: (typeof KINDS)[number];
  readonly readers: readonly Service[];
  readonly giveUpMs?: number;
}

/** What became of one invalidation; `tookMs` until the last reader had the new value. */
type Effect = Readonly<Record<'tookMs' | 'oldReadsCount' | 'unprovenCount', number>>;

interface Read {
  readonly version: number;
  readonly isHeld: boolean;
  readonly isUnproven: boolean;
}

/** Three processes over one Redis, whose subscriptions can be killed and silenced, while their commands pass. */
export class BusWorld {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #versions = new Map<string, number>();

  private constructor(
    readonly replicas: Replicas,
    readonly services: readonly Service[],
    /** Of each process to Redis; its faults are the subscription's alone. */
    readonly lines: readonly FaultProxy[],
  ) {}

  static async start(t: Lifetime, options: { user?: RedisUser } = {}): Promise<BusWorld> {
    const all = await replicas(t, options);
    const { port, url } = all.redis;
    const starting = Array.from({ length: REPLICAS_COUNT }, () =>
      startFaultProxy({ targetPort: port, only: /subscribe/i }),
    );
    const lines = await Promise.all(starting);
    t.teardown(() => Promise.all(lines.map((line) => line.stop())));
    const services = await Promise.all(lines.map((line) => all.start({ REDIS_URL: line.through(url) })));
    const world = new BusWorld(all, services, lines);
    t.teardown(() => world.#agent.destroy());
    await world.#allHear();
    // The root is as old as trust by then: a purge is acknowledged as soon as all have applied it.
    await sleep(1100);
    return world;
  }

  /** Kills every subscription five times a second while something runs; how many were killed, and what it gave. */
  async whileKilled<T>(run: () => Promise<T>): Promise<{ killedCount: number; result: T }> {
    let killedCount = 0;
    const killer = setInterval(() => {
      this.#kill().then(
        (count) => {
          killedCount += count;
        },
        () => {},
      );
    }, KILL_EVERY_MS);
    try {
      const result = await run();
      return { killedCount, result };
    } finally {
      clearInterval(killer);
    }
  }

  /** From now on nothing passes on the connections of subscriptions, which stay open. */
  async blackhole(): Promise<void> {
    await this.#allHear();
    for (const line of this.lines) line.blackhole();
  }

  /** Invalidations of every kind, sent to the replicas in turn. */
  async invalidations(count: number, { keysCount = KEYS_COUNT } = {}): Promise<BusFigures> {
    const keys = await this.#hotKeys(Math.min(keysCount, count), this.services);
    const effects: Effect[] = [];
    let turn = 0;
    const work = async (key: string) => {
      for (let mine = turn++; mine < count; mine = turn++) {
        const sender = this.services[Math.floor(mine / KINDS.length) % REPLICAS_COUNT];
        const kind = KINDS[mine % KINDS.length];
        if (sender && kind)
          effects.push(await this.#invalidate(key, { sender, kind, readers: this.services }));
      }
    };
    await Promise.all(keys.map(work));
    return figuresOf(effects);
  }

  /**
   * The same in two processes more, whose looks are frozen too: with neither bus nor poll nothing tells them. Each invalidation is
   * given up when it is late.
   */
  async controls(count: number): Promise<BusFigures> {
    const [sender] = this.services;
    if (!sender) throw new Error('Nobody is there to send an invalidation');
    const readers = await Promise.all([0, 1].map(() => this.replicas.start(broken('frozen-look'))));
    const keys = await this.#hotKeys(count, readers);
    for (const one of readers) one.signal('SIGUSR2');
    const made = keys.map((key, index) => {
      const kind = KINDS[index % KINDS.length] ?? KINDS[0];
      return this.#invalidate(key, { sender, kind, readers, giveUpMs: EFFECTIVE_WITHIN_MS });
    });
    return figuresOf(await Promise.all(made));
  }

  /** New keys, of which every reader has the value of now in its memory. */
  async #hotKeys(count: number, readers: readonly Service[]): Promise<string[]> {
    const keys = Array.from({ length: count }, () => {
      const key = `key-${this.#versions.size}`;
      this.#versions.set(key, 1);
      this.replicas.upstream.on(`/${key}`, (...args) => json({ version: this.#versions.get(key) })(...args));
      return key;
    });
    for (const key of keys)
      for (const reader of readers) {
        const isHeld = async () => (await this.#read(reader, key)).isHeld;
        if (!(await until(isHeld, { everyMs: ASK_EVERY_MS })))
          throw new Error(`${key} is not kept in memory`);
      }
    return keys;
  }

  async #invalidate(key: string, options: Invalidating): Promise<Effect> {
    const { sender, kind, readers, giveUpMs = GIVE_UP_MS } = options;
    const version = (this.#versions.get(key) ?? 0) + 1;
    this.#versions.set(key, version);
    const effect = { tookMs: 0, oldReadsCount: 0, unprovenCount: 0 };
    let acknowledgedAtMs = Number.POSITIVE_INFINITY;
    const sentAtMs = performance.now();
    const body = { all: true, tenant: key, ...kind };
    const telling = tell(sender, '/cache/invalidations', { body, agent: this.#agent }).then(({ status }) => {
      if (kind.wait && status === 200) acknowledgedAtMs = performance.now();
    });
    const readUntilNew = async (reader: Service): Promise<number> => {
      for (;;) {
        const beganMs = performance.now();
        const read = await this.#read(reader, key);
        // One that began too late is late, whatever it was given.
        if (read.version >= version || beganMs - sentAtMs > giveUpMs) return performance.now() - sentAtMs;
        if (read.isUnproven) effect.unprovenCount++;
        else if (beganMs > acknowledgedAtMs) effect.oldReadsCount++;
        await sleep(ASK_EVERY_MS);
      }
    };
    effect.tookMs = Math.max(...(await Promise.all(readers.map(readUntilNew))));
    await telling;
    return effect;
  }

  async #read({ url }: Service, key: string): Promise<Read> {
    const answer = await ask(url + pathOfKey(key), { agent: this.#agent });
    const { data } = answer.json<{ data: { version: number } }>();
    const status = answer.cacheStatus;
    return {
      version: data.version,
      isHeld: status.includes('detail=l1'),
      isUnproven: status.includes('unproven'),
    };
  }

  async #kill(): Promise<number> {
    return Number(await askRedis(this.replicas.redis.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub'));
  }

  async #allHear(): Promise<void> {
    const { port } = this.replicas.redis;
    const subscribers = async () =>
      Number(((await askRedis(port, 'PUBSUB', 'NUMSUB', 'dc:{g}:bus')) as string[])[1]);
    if (!(await until(async () => (await subscribers()) === REPLICAS_COUNT)))
      throw new Error('Some process does not hear the bus');
  }
}

function figuresOf(effects: readonly Effect[]): BusFigures {
  const times = effects.map(({ tookMs }) => Math.round(tookMs)).sort((a, b) => a - b);
  const isLate = ({ tookMs, unprovenCount }: Effect) => tookMs > EFFECTIVE_WITHIN_MS && unprovenCount === 0;
  return {
    invalidationsCount: times.length,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    slowestMs: times.at(-1) ?? 0,
    lateCount: effects.filter(isLate).length,
    oldReadsCount: sum(effects.map((effect) => effect.oldReadsCount)),
    unprovenCount: sum(effects.map((effect) => effect.unprovenCount)),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, one) => total + one, 0);
}
