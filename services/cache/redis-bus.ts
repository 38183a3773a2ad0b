import type { Redis } from 'ioredis';
import type { Log } from '../log.js';
import { busChannel, FILLED_MESSAGE, LOOK_MESSAGE } from './bus-channel.js';
import { BusHearing, type BusHearingOptions } from './bus-hearing.js';
import type { FillSignals } from './fill-signals.js';
import { FillWaiters } from './fill-waiters.js';
import { LookHints } from './look-hints.js';
import { RedisSubscription } from './redis-subscription.js';

export interface RedisBusOptions extends BusHearingOptions {
  /** Makes a connection for one life of the subscription. */
  readonly open: () => Redis;
  readonly prefix: string;
  readonly log: Log;
  /** Gives [0, 1). */
  readonly random: () => number;
  /** Looks now; never rejects. */
  readonly look: () => Promise<unknown>;
}

/**
 * What other processes tell: that it is worth looking, or that a load has ended. Only hints (invariant 4): lost, doubled or late
 * ones change nothing but latency, because the poll and the intervals of waiters go on without them.
 */
export class RedisBus {
  readonly #fills = new FillWaiters();
  readonly #hints: LookHints;
  readonly #hearing: BusHearing;
  readonly #subscription: RedisSubscription;

  constructor(options: RedisBusOptions) {
    const { open, prefix, clock, log, random, look } = options;
    this.#hearing = new BusHearing(options);
    this.#hints = new LookHints({ clock, random, look });
    this.#subscription = new RedisSubscription({
      open,
      channel: busChannel(prefix),
      clock,
      log,
      heard: (message) => this.#heard(message),
      subscribed: () => this.#hints.hint(),
    });
  }

  /** The ends of loads, for whoever waits for one. */
  get fills(): FillSignals {
    return this.#fills;
  }

  start(): void {
    this.#hearing.start();
    this.#subscription.start();
  }

  /** To be closed before its listeners: nothing is told any more. */
  close(): void {
    this.#hearing.close();
    this.#hints.close();
    this.#subscription.close();
  }

  #heard(message: string): void {
    if (message === LOOK_MESSAGE) {
      this.#hearing.heard();
      this.#hints.hint();
    } else if (message.startsWith(FILLED_MESSAGE)) this.#fills.tell(message.slice(FILLED_MESSAGE.length));
  }
}
