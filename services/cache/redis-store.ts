import type { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import { decodeFrame, encodeFrame } from './codec.js';
import type { Entry } from './entry.js';
import type { CacheKey } from './key.js';
import type { CacheObserver } from './observer.js';
import { RedisAsk, RedisNotAsked } from './redis-ask.js';
import type { RedisClient } from './redis-client.js';

/** A reader waits this long for Redis at most, then asks the source. */
const STORE_DEADLINE_MS = 250;

/** What the store tells its accountant: nothing here waits for it. */
export interface StoreLedger {
  stored(keyHash: string, bytes: number, deleteAtMs: number): void;
  read(keyHash: string): void;
}

/** Layer two: entries as frames in Redis. A fault of Redis or of a frame is a miss, counted, and never an error of a read. */
export class RedisStore {
  readonly #ask: RedisAsk;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  readonly #ledger: StoreLedger;

  constructor(options: {
    redis: RedisClient;
    prefix: string;
    clock: Clock;
    observer: CacheObserver;
    ledger: StoreLedger;
    breaker?: Breaker | null;
  }) {
    this.#ask = new RedisAsk({ ...options, deadlineMs: STORE_DEADLINE_MS });
    this.#prefix = options.prefix;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#ledger = options.ledger;
  }

  /** The stored entry, whatever its generations say: comparing them is the reader's part. */
  async read(key: CacheKey): Promise<Entry | null> {
    const frame = await this.#timed('l2_read', (redis) => redis.getBuffer(this.nameOf(key.hash)));
    if (!frame) return null;
    const entry = decodeFrame(frame, key);
    if (typeof entry === 'string') {
      this.#observer.frameRejected(entry);
      return null;
    }
    return entry;
  }

  /** The same without a trace: nothing is counted, and the entry is not in use for that. Null also while Redis does not answer. */
  async peek(key: CacheKey): Promise<Entry | null> {
    const frame = await this.#ask.inTime((redis) => redis.getBuffer(this.nameOf(key.hash))).catch(() => null);
    const entry = frame && decodeFrame(frame, key);
    return typeof entry === 'string' ? null : entry;
  }

  /** An entry was used, in whichever layer: it is not among the rarely read ones. */
  noteRead(keyHash: string): void {
    this.#ledger.read(keyHash);
  }

  /** Whether Redis took it. The key goes by itself when the entry may no longer be served at all. */
  async write(entry: Entry): Promise<boolean> {
    const frame = await encodeFrame(entry);
    const lifeMs = Math.ceil(entry.deleteAtMs - this.#clock.nowMs());
    if (lifeMs <= 0) return false;
    const name = this.nameOf(entry.keyHash);
    const taken = await this.#timed('l2_write', (redis) => redis.set(name, frame, 'PX', lifeMs));
    if (taken !== 'OK') return false;
    this.#observer.event('l2_writes');
    this.#ledger.stored(entry.keyHash, frame.length, entry.deleteAtMs);
    return true;
  }

  /** Where an entry stands. {hash} keeps it and what will stand beside it (its lease) in one slot of a Redis Cluster. */
  nameOf(keyHash: string): string {
    return `${this.#prefix}{${keyHash}}:v`;
  }

  async #timed<T>(
    operation: 'l2_read' | 'l2_write',
    command: (redis: RedisClient) => Promise<T>,
  ): Promise<T | null> {
    const startedMs = this.#clock.monotonicMs();
    try {
      return await this.#ask.inTime(command);
    } catch (error) {
      this.#observer.event(error instanceof RedisNotAsked ? 'l2_skips' : 'l2_failures');
      return null;
    } finally {
      this.#observer.operation(operation, this.#clock.monotonicMs() - startedMs);
    }
  }
}
