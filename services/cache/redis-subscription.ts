import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { retryDelayMs } from './redis-profile.js';

const PING_EVERY_MS = 1000;
/** Silence of the socket that is longer ends it. */
const PING_DEADLINE_MS = 500;
/** A user without the right to the channel does not get it by asking every second. */
const REFUSED_RETRY_MS = 30_000;

export interface SubscriptionOptions {
  /** Makes a connection for one life, not connected yet. */
  readonly open: () => Redis;
  readonly channel: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly heard: (message: string) => void;
  /** Also after every loss: what was published meanwhile was not heard. */
  readonly subscribed: () => void;
}

/**
 * A connection of its own that hears one channel, and a new one after every loss. A socket on which a PING is not answered is
 * destroyed: silence of a subscription looks like peace. Nothing here is a guarantee: messages may be missed at any time.
 */
export class RedisSubscription {
  readonly #options: SubscriptionOptions;
  #redis: Redis | null = null;
  #isClosed = false;
  #failuresCount = 0;
  #isRefused = false;
  #cancel = (): void => {};

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#isClosed) void this.#live();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#redis?.disconnect();
  }

  /** One connection from its opening to its end, and then the next. */
  async #live(): Promise<void> {
    const { open, channel, subscribed, heard } = this.#options;
    const redis = open();
    this.#redis = redis;
    let retryMs: number | null = null;
    redis.on('error', () => {
      // Its end is what counts.
    });
    redis.on('message', (_channel: string, message: string) => heard(message));
    const ended = new Promise<void>((resolve) => redis.once('end', resolve));
    try {
      await redis.connect();
      await redis.subscribe(channel);
      this.#noteSubscribed();
      subscribed();
      this.#watch(redis);
      await ended;
    } catch (error) {
      if (isRefusal(error)) retryMs = this.#noteRefusal(error);
    }
    redis.disconnect();
    if (this.#isClosed) return;
    this.#cancel();
    const delayMs = retryMs ?? retryDelayMs(this.#failuresCount++);
    this.#cancel = this.#options.clock.after(delayMs, () => this.start());
  }

  #watch(redis: Redis): void {
    const { clock } = this.#options;
    this.#cancel = clock.after(PING_EVERY_MS, () => {
      this.#cancel = clock.after(PING_DEADLINE_MS, () => redis.disconnect());
      redis.ping().then(
        () => {
          if (redis !== this.#redis || redis.status !== 'ready') return;
          this.#cancel();
          this.#watch(redis);
        },
        () => redis.disconnect(),
      );
    });
  }

  #noteSubscribed(): void {
    this.#failuresCount = 0;
    if (this.#isRefused) this.#options.log.info({}, 'Redis lets this process hear the others again');
    this.#isRefused = false;
  }

  #noteRefusal(error: Error): number {
    if (!this.#isRefused)
      this.#options.log.warn(
        { reason: error.message, channel: this.#options.channel },
        'Redis does not let this process hear the others: their changes are seen at the next poll. ' +
          'Grant the user the channels of REDIS_PREFIX (docs/redis.md)',
      );
    this.#isRefused = true;
    return REFUSED_RETRY_MS;
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('NOPERM');
}
