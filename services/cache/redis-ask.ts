import { Cluster } from 'ioredis';
import type { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import type { RedisClient } from './redis-client.js';

export interface RedisScript {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/** Redis, asked with a deadline of our own: a client's time-outs do not end every wait on a frozen server. */
export class RedisAsk {
  readonly #redis: RedisClient;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #breaker: Breaker | null;

  /** With a breaker nobody waits for a Redis that does not answer: `inTime` then rejects at once with RedisNotAsked. */
  constructor(options: { redis: RedisClient; clock: Clock; deadlineMs: number; breaker?: Breaker | null }) {
    this.#redis = options.redis;
    this.#clock = options.clock;
    this.#deadlineMs = options.deadlineMs;
    this.#breaker = options.breaker ?? null;
  }

  /** Runs a Lua script; every script sent here may run twice or late, so it must be idempotent. */
  run({ script, keys, args }: RedisScript): Promise<unknown> {
    return this.inTime((redis) => redis.eval(script, keys.length, ...keys, ...args));
  }

  /** What `command` answers; rejects after the deadline, and at once while there is no connection (nothing queues up). */
  inTime<T>(command: (redis: RedisClient) => Promise<T>): Promise<T> {
    // Known without asking, and over as soon as there is a connection: no failure to be counted.
    if (this.#redis.status !== 'ready') return Promise.reject(new Error('Redis is not connected'));
    const passage = this.#breaker?.enter();
    if (passage === null) return Promise.reject(new RedisNotAsked());
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void => {
        cancel();
        if (isAnswer(error)) passage?.answered();
        else passage?.failed();
        reject(error);
      };
      const cancel = this.#clock.after(this.#deadlineMs, () => {
        // Who is silent may have been replaced: do not wait for the next time the slots are asked for.
        if (this.#redis instanceof Cluster) this.#redis.refreshSlotsCache();
        failed(new Error(`Redis did not answer within ${this.#deadlineMs} ms`));
      });
      command(this.#redis).then((answer) => {
        cancel();
        passage?.answered();
        resolve(answer);
      }, failed);
    });
  }
}

/** The breaker is open: Redis counts as away. */
export class RedisNotAsked extends Error {
  constructor() {
    super('Redis has not answered for a while, so it is not asked now');
    this.name = 'RedisNotAsked';
  }
}

/** Redis' own word, e.g. that it is loading or out of memory: it costs no wait. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
