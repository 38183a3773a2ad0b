import type { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import { decodeFrame, encodeFrame, FRAME_FORM, headOf } from './codec.js';
import type { Entry } from './entry.js';
import type { CacheKey } from './key.js';
import { ASK_SCRIPT, BEAT_SCRIPT, END_SCRIPT, FILL_SCRIPT, LEASE_KEYS_COUNT } from './lease-scripts.js';
import { digestOfLease, LEASE_MS } from './lease-value.js';
import type { CacheObserver } from './observer.js';
import { FAILURE_LIFE_MS } from './recent-failures.js';
import { RedisAsk, RedisNotAsked } from './redis-ask.js';
import type { RedisClient } from './redis-client.js';
import { SeenEntries } from './seen-entries.js';
import { digestOf, type Stamp, stampBytes } from './stamp.js';
import { readReply, type StoreQuestion, type StoreReply } from './store-reply.js';

/** A reader waits this long for Redis at most, then asks the source. */
const STORE_DEADLINE_MS = 250;

const SCRIPTS = {
  dashcacheAsk: ASK_SCRIPT,
  dashcacheFill: FILL_SCRIPT,
  dashcacheEnd: END_SCRIPT,
  dashcacheBeat: BEAT_SCRIPT,
} as const;

type ScriptName = keyof typeof SCRIPTS;
type Argument = string | number | Buffer;
type Scripts = Record<`${ScriptName}Buffer`, (...args: Argument[]) => Promise<unknown>>;

/** What the store tells its accountant: nothing here waits for it. */
export interface StoreLedger {
  stored(keyHash: string, bytes: number, deleteAtMs: number): void;
  read(keyHash: string): void;
}

/** What became of a fill: stored; refused, since the lease is another's; or Redis did not say. */
export type Filled = 'stored' | 'refused' | 'unanswered';

/**
 * Layer two: entries as frames in Redis, and beside each the lease of who loads it and the error of who failed. A fault of Redis
 * or of a frame is a miss, counted, and never an error of a read.
 */
export class RedisStore {
  readonly #scripts: Scripts;
  readonly #ask: RedisAsk;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  readonly #ledger: StoreLedger;
  readonly #seen = new SeenEntries();

  constructor(options: {
    redis: RedisClient;
    prefix: string;
    clock: Clock;
    observer: CacheObserver;
    ledger: StoreLedger;
    breaker?: Breaker | null;
  }) {
    for (const [name, lua] of Object.entries(SCRIPTS))
      options.redis.defineCommand(name, { lua, numberOfKeys: LEASE_KEYS_COUNT });
    this.#scripts = options.redis as unknown as Scripts;
    this.#ask = new RedisAsk({ ...options, deadlineMs: STORE_DEADLINE_MS });
    this.#prefix = options.prefix;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#ledger = options.ledger;
  }

  /**
   * The entry of a key as this process has seen it in Redis, fresh and of these generations; null where none is to be expected, or it is
   * there no longer. Whoever finds it needs no script, which costs Redis four times as much.
   */
  async readSeen(key: CacheKey, stamp: Stamp): Promise<Entry | 'unanswered' | null> {
    const seen = this.#seen.fresh(key.hash, stamp, this.#clock.nowMs());
    if (seen === null) return null;
    const frame = await this.#timed('l2_read', () => this.#ask.inTime((redis) => this.#frame(redis, key)));
    if (frame === undefined) return 'unanswered';
    const entry = frame && decodeFrame(frame, key, { asked: stamp, known: seen.head });
    if (typeof entry === 'string') this.#observer.frameRejected(entry);
    else if (frame && entry && digestOf(entry.stamp) === seen.digest) {
      if (entry.storedAtMs !== seen.head?.says.storedAtMs) this.#seen.note(entry, headOf(frame, entry));
      return entry;
    }
    this.#seen.forget(key.hash);
    return null;
  }

  /** In one round trip: an entry that will do, an error that is shared, or the lease of the key; null when Redis does not answer. */
  async ask(question: StoreQuestion): Promise<StoreReply | null> {
    const { key, stamp, graceMs, except, lease, overtake } = question;
    const { root, generations } = stampBytes(stamp);
    const script = [
      ...[FRAME_FORM, root, generations, this.#clock.nowMs(), graceMs ?? '', except ?? ''],
      ...[lease ? digestOfLease(lease) : digestOf(stamp), lease ?? '', LEASE_MS, overtake ?? ''],
    ];
    // The frame comes beside the script: from it only to who knows another one.
    const told = await this.#timed('l2_read', () =>
      this.#ask.inTime((redis) =>
        Promise.all([
          this.#send('dashcacheAsk', key.hash, script),
          except === null ? this.#frame(redis, key) : null,
        ]),
      ),
    );
    if (told === undefined) return null;
    const reply = readReply(told, question, this.#observer);
    if (reply.entry?.stamp === stamp) this.#seen.note(reply.entry);
    return reply;
  }

  #frame(redis: RedisClient, { hash }: CacheKey): Promise<Buffer | null> {
    return redis.getBuffer(this.nameOf(hash));
  }

  /** The entry of a key as it lies there, without a trace: nothing is counted, noted or leased. Null also while Redis does not answer. */
  async peek(key: CacheKey): Promise<Entry | null> {
    const frame = await this.#ask.inTime((redis) => this.#frame(redis, key)).catch(() => null);
    const entry = frame && decodeFrame(frame, key);
    return typeof entry === 'string' ? null : entry;
  }

  /** How long the lease of a key is held yet if its holder falls silent now; null without one, also while Redis does not answer. */
  async leaseLeftMs(key: CacheKey): Promise<number | null> {
    const name = `${this.#prefix}{${key.hash}}:l`;
    const leftMs = await this.#ask.inTime((redis) => redis.pttl(name)).catch(() => null);
    return leftMs !== null && leftMs > 0 ? leftMs : null;
  }

  /** An entry was used, in whichever layer: it is not among the rarely read ones. */
  noteRead(keyHash: string): void {
    this.#ledger.read(keyHash);
  }

  /** Stores the entry and frees the lease, if that still holds. The key goes by itself when the entry may no longer be served at all. */
  async fill(entry: Entry, lease: string): Promise<Filled> {
    const frame = await encodeFrame(entry);
    const lifeMs = Math.ceil(entry.deleteAtMs - this.#clock.nowMs());
    if (lifeMs <= 0) return 'refused';
    const args = [lease, frame, lifeMs, ...this.#message(entry.keyHash)];
    const reply = await this.#timed('l2_write', () => this.#run('dashcacheFill', entry.keyHash, args));
    if (reply === undefined) return 'unanswered';
    if (Number(reply) !== 1) return 'refused';
    this.#observer.event('l2_writes');
    this.#seen.note(entry);
    this.#ledger.stored(entry.keyHash, frame.length, entry.deleteAtMs);
    return 'stored';
  }

  /** Takes an entry away; where Redis does not answer it ends by itself, when it may no longer be served. */
  async remove(key: CacheKey): Promise<void> {
    this.#seen.forget(key.hash);
    const unlink = () => this.#ask.inTime((redis) => redis.unlink(this.nameOf(key.hash)));
    await this.#timed('l2_write', unlink);
  }

  /** Frees the lease without an entry, and shares the error if there is one. One that Redis does not hear of runs out by itself. */
  async end(keyHash: string, lease: string, sharedError: string | null): Promise<void> {
    const error = sharedError === null ? '' : digestOfLease(lease) + sharedError;
    const args = [lease, error, FAILURE_LIFE_MS, ...this.#message(keyHash)];
    await this.#run('dashcacheEnd', keyHash, args).catch(() => {});
  }

  /** Holds the lease for another while. False when it is another's by now, null when Redis does not say. */
  async beat(keyHash: string, lease: string): Promise<boolean | null> {
    const reply = await this.#run('dashcacheBeat', keyHash, [lease, LEASE_MS]).catch(() => null);
    return reply === null ? null : Number(reply) === 1;
  }

  /** Where an entry stands. {hash} keeps it, its lease and its error in one slot of a Redis Cluster. */
  nameOf(keyHash: string): string {
    return `${this.#prefix}{${keyHash}}:v`;
  }

  /** To those who wait in other processes. */
  #message(keyHash: string): [channel: string, message: string] {
    return [`${this.#prefix}{g}:bus`, `filled ${keyHash}`];
  }

  #run(name: ScriptName, keyHash: string, args: readonly Argument[]): Promise<unknown> {
    return this.#ask.inTime(() => this.#send(name, keyHash, args));
  }

  #send(name: ScriptName, keyHash: string, args: readonly Argument[]): Promise<unknown> {
    const slot = `${this.#prefix}{${keyHash}}:`;
    return this.#scripts[`${name}Buffer`](`${slot}v`, `${slot}l`, `${slot}e`, ...args);
  }

  /** Undefined: Redis did not answer. */
  async #timed<T>(operation: 'l2_read' | 'l2_write', run: () => Promise<T>): Promise<T | undefined> {
    const startedMs = this.#clock.monotonicMs();
    try {
      return await run();
    } catch (error) {
      this.#observer.event(error instanceof RedisNotAsked ? 'l2_skips' : 'l2_failures');
      return undefined;
    } finally {
      this.#observer.operation(operation, this.#clock.monotonicMs() - startedMs);
    }
  }
}
