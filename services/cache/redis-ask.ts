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

  constructor(options: { redis: RedisClient; clock: Clock; deadlineMs: number }) {
    this.#redis = options.redis;
    this.#clock = options.clock;
    this.#deadlineMs = options.deadlineMs;
  }

  /** Runs a Lua script; every script sent here may run twice or late, so it must be idempotent. */
  run({ script, keys, args }: RedisScript): Promise<unknown> {
    return this.inTime((redis) => redis.eval(script, keys.length, ...keys, ...args));
  }

  /** What `command` answers; rejects after the deadline, and at once while there is no connection (nothing queues up). */
  inTime<T>(command: (redis: RedisClient) => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready') return Promise.reject(new Error('Redis is not connected'));
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#deadlineMs, () =>
        reject(new Error(`Redis did not answer within ${this.#deadlineMs} ms`)),
      );
      const ending =
        <T>(end: (value: T) => void) =>
        (value: T): void => {
          cancel();
          end(value);
        };
      command(this.#redis).then(ending(resolve), ending(reject));
    });
  }
}
