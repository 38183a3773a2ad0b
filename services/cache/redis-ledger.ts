import { randomBytes } from 'node:crypto';
import type { LedgerOptions } from './ledger-options.js';
import type { LedgerUsage } from './ledger-usage.js';
import { RedisAsk } from './redis-ask.js';
import {
  APPLY_SCRIPT,
  ELECT_SCRIPT,
  FORGET_DUE_SCRIPT,
  FORGET_SCRIPT,
  OLDEST_SCRIPT,
  SLICE_SCRIPT,
} from './redis-ledger-scripts.js';
import { redisStringBytes } from './redis-memory.js';
import { replyPairs } from './reply-pairs.js';

const STEP_EVERY_MS = 3_000;
/** A sweeper that misses two steps loses its seat. */
const SEAT_MS = 10_000;
/** From one step that could not wait to the next. */
const URGENT_EVERY_MS = 100;
/** While Redis does not take it, asking more often helps nobody. */
const FAILING_EVERY_MS = 1000;
const DEADLINE_MS = 1_000;
const FRESH_WITHIN_MS = 300;
/** Longer than entries live: a service that is gone leaves nothing behind. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const PENDING_MAX_COUNT = 10_000;
const BATCH_COUNT = 500;
const SLICE_COUNT = 200;
/** Rounds of one sweep: it takes from Redis a second at most, then waits for the next step. */
const ROUNDS_MAX_COUNT = 50;
/** Of the limit: room is made from here on, since entries arrive meanwhile; and for a while, not for one entry. */
const SWEEP_FROM_SHARE = 0.95;
const SWEEP_TO_SHARE = 0.9;
/** What an entry takes in the three parts of the ledger, as measured. */
const LEDGER_ENTRY_BYTES = 400;

interface Stored {
  readonly bytes: number;
  readonly deleteAtMs: number;
}

/**
 * Accounts for what our prefix holds in Redis and keeps it under a limit: near it, the entries read longest ago go first.
 * Works in steps beside the hit path, and in one at once when what was stored since the last may reach the limit; without looking at keys of others, and in Redis Cluster: the ledger lies in one slot.
 */
export class RedisLedger {
  readonly #options: LedgerOptions;
  readonly #ask: RedisAsk;
  readonly #id = randomBytes(9).toString('base64url');
  readonly #keys: readonly [string, string, string];
  readonly #writers: string;
  readonly #seat: string;
  readonly #stored = new Map<string, Stored>();
  readonly #read = new Set<string>();
  /** Of what is pending, and of what was overwritten meanwhile. */
  #pendingBytes = 0;
  /** Processes that store under our prefix. */
  #writersCount = 1;
  #usage: LedgerUsage | null = null;
  #cursor = '0';
  #stepping: Promise<void> | null = null;
  #steppedAtMs = Number.NEGATIVE_INFINITY;
  #cancel = () => {};
  #started = false;
  #closed = false;
  #failing = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#ask = new RedisAsk({ redis: options.redis, clock: options.clock, deadlineMs: DEADLINE_MS });
    const slot = `${options.prefix}{b}:`;
    this.#keys = [`${slot}bytes`, `${slot}read`, `${slot}delete`];
    this.#seat = `${slot}sweeper`;
    this.#writers = `${slot}writers`;
  }

  /** Begins to work in steps. */
  start(): void {
    if (this.#closed) return;
    this.#started = true;
    this.#cancel = this.#options.clock.after(STEP_EVERY_MS, () => void this.step().then(() => this.start()));
  }

  /** An entry of so many bytes was written for a key. Only notes it; cheap enough for the hit path. */
  stored(keyHash: string, bytes: number, deleteAtMs: number): void {
    if (!this.#stored.has(keyHash) && this.#stored.size >= PENDING_MAX_COUNT) return;
    const estimateBytes = redisStringBytes(this.#valueKey(keyHash).length, bytes);
    this.#stored.set(keyHash, { bytes: estimateBytes, deleteAtMs });
    this.#pendingBytes += estimateBytes + LEDGER_ENTRY_BYTES;
    if (this.#isUrgent()) void this.step();
  }

  /** The entry of a key answered a reader, from either layer. Only notes it; cheap enough for the hit path. */
  read(keyHash: string): void {
    if (this.#read.size < PENDING_MAX_COUNT) this.#read.add(keyHash);
  }

  /** As of the last step; null until Redis has told. */
  usage(): LedgerUsage | null {
    return this.#usage;
  }

  /** The usage after a step made now; as of the last one when Redis takes longer than a reader of statistics would wait. */
  async freshUsage(): Promise<LedgerUsage | null> {
    let cancel = () => {};
    const overdue = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(FRESH_WITHIN_MS, resolve);
    });
    await Promise.race([this.step(), overdue]).finally(() => cancel());
    return this.#usage;
  }

  /** One step now, or the one under way: what is pending is written; one process in all sweeps. Never rejects. */
  step(): Promise<void> {
    this.#stepping ??= this.#step().finally(() => {
      this.#stepping = null;
      this.#steppedAtMs = this.#options.clock.monotonicMs();
    });
    return this.#stepping;
  }

  /** Writes what is pending and ends the steps. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#stepping;
    await this.#flush().catch(() => {});
  }

  /** Whether the limit may be reached before the next step: the others store as much as this process, and it sees them then. */
  #isUrgent(): boolean {
    if (!this.#started || this.#closed || this.#stepping) return false;
    const pauseMs = this.#failing ? FAILING_EVERY_MS : URGENT_EVERY_MS;
    if (this.#options.clock.monotonicMs() < this.#steppedAtMs + pauseMs) return false;
    if (this.#stored.size >= PENDING_MAX_COUNT / 2) return true;
    const storedBytes = this.#pendingBytes * this.#writersCount;
    return this.#totalBytes() + storedBytes > this.#options.maxBytes * SWEEP_FROM_SHARE;
  }

  async #step(): Promise<void> {
    try {
      // Room is made also when not all could be written down: what is over the limit is there.
      await this.#flush().finally(() => this.#keepBounds());
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#options.log.warn(
          { err: error },
          'Redis does not take the ledger of our entries: its limit is kept again as soon as it does',
        );
      this.#failing = true;
    }
  }

  /** One process in all looks after the ledger; room is made by whoever sees that there is none, or it would come too late. */
  async #keepBounds(): Promise<void> {
    if (await this.#isSweeper()) await this.#tidy();
    const { maxBytes } = this.#options;
    if (this.#totalBytes() > maxBytes * SWEEP_FROM_SHARE) await this.#makeRoom(maxBytes * SWEEP_TO_SHARE);
  }

  async #flush(): Promise<void> {
    do {
      const stored = [...this.#stored].slice(0, BATCH_COUNT);
      const read = [...this.#read].slice(0, BATCH_COUNT);
      const nowMs = this.#options.clock.nowMs();
      const reply = await this.#ask.run({
        script: APPLY_SCRIPT,
        keys: [...this.#keys, this.#writers],
        args: [
          ...[KEPT_MS, this.#id, SEAT_MS, stored.length],
          // Sent as a distance: the instant is then Redis' own, and no clocks of two hosts are compared.
          ...stored.flatMap(([hash, { bytes, deleteAtMs }]) => [
            hash,
            bytes,
            Math.max(0, deleteAtMs - nowMs),
          ]),
          ...read,
        ],
      });
      for (const [hash, was] of stored) if (this.#stored.get(hash) === was) this.#stored.delete(hash);
      for (const hash of read) this.#read.delete(hash);
      const [state, unknown, writersCount] = reply as [unknown, string[], number];
      this.#takeState(state);
      this.#writersCount = Math.max(1, Number(writersCount));
      this.#pendingBytes = [...this.#stored.values()].reduce(
        (sum, { bytes }) => sum + bytes + LEDGER_ENTRY_BYTES,
        0,
      );
      await this.#enter(unknown.slice(0, SLICE_COUNT));
    } while (this.#stored.size >= BATCH_COUNT || this.#read.size >= BATCH_COUNT);
  }

  /** Entries that are read but not in the ledger, because Redis evicted it or a process died: they enter with the next batch. */
  async #enter(hashes: readonly string[]): Promise<void> {
    await Promise.all(
      hashes.map(async (hash) => {
        const key = this.#valueKey(hash);
        const [bytes, leftMs] = await this.#ask.inTime((redis) =>
          Promise.all([redis.strlen(key), redis.pttl(key)]),
        );
        if (bytes > 0 && !this.#stored.has(hash))
          this.stored(hash, bytes, this.#options.clock.nowMs() + (leftMs < 0 ? KEPT_MS : leftMs));
      }),
    );
  }

  async #isSweeper(): Promise<boolean> {
    const reply = await this.#ask.run({
      script: ELECT_SCRIPT,
      keys: [this.#seat],
      args: [this.#id, SEAT_MS],
    });
    return Number(reply) === 1;
  }

  async #tidy(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX_COUNT; round++) {
      const [dueCount, state] = (await this.#run(FORGET_DUE_SCRIPT, [BATCH_COUNT])) as [number, unknown];
      this.#takeState(state);
      if (dueCount < BATCH_COUNT) break;
    }
    await this.#verify();
  }

  /** Forgets entries that Redis evicted by itself: slice by slice, and on while a slice has lost more than a tenth. */
  async #verify(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX_COUNT; round++) {
      const reply = (await this.#run(SLICE_SCRIPT, [this.#cursor, SLICE_COUNT])) as string[];
      const [cursor = '0', ...slice] = reply;
      const entries = replyPairs(slice);
      const exist = await Promise.all(
        entries.map(([hash]) => this.#ask.inTime((redis) => redis.exists(this.#valueKey(hash)))),
      );
      const missing = entries.filter((_, i) => exist[i] === 0);
      if (missing.length > 0) this.#takeState(await this.#run(FORGET_SCRIPT, missing.flat()));
      this.#cursor = cursor;
      if (missing.length <= entries.length / 10 || cursor === '0') return;
    }
  }

  /** Removes the entries read longest ago. First the value, then its place in the ledger: dying in between loses nothing. */
  async #makeRoom(targetBytes: number): Promise<void> {
    let removedCount = 0;
    for (let round = 0; round < ROUNDS_MAX_COUNT && this.#totalBytes() > targetBytes; round++) {
      const oldest = await this.#run(OLDEST_SCRIPT, [this.#roundCount(targetBytes)]);
      const entries = replyPairs(oldest as string[]);
      if (entries.length === 0) break;
      await Promise.all(
        entries.map(([hash]) => this.#ask.inTime((redis) => redis.unlink(this.#valueKey(hash)))),
      );
      this.#takeState(await this.#run(FORGET_SCRIPT, entries.flat()));
      removedCount += entries.length;
    }
    if (removedCount > 0)
      this.#options.log.info(
        {
          removed: removedCount,
          redis_bytes: this.#totalBytes(),
          redis_max_bytes: this.#options.maxBytes,
        },
        `Redis holds nearly REDIS_MAX_BYTES: ${removedCount} rarely read entries were removed`,
      );
  }

  /** How many entries of average size are too many: no more go than must. */
  #roundCount(targetBytes: number): number {
    const usage = this.#usage;
    if (!usage || usage.entriesCount === 0) return SLICE_COUNT;
    const averageBytes = Math.max(1, (usage.valuesBytes + usage.ownBytes) / usage.entriesCount);
    const tooManyCount = Math.ceil((usage.totalBytes - targetBytes) / averageBytes / 2);
    return Math.min(SLICE_COUNT, Math.max(1, tooManyCount));
  }

  #totalBytes(): number {
    return this.#usage?.totalBytes ?? 0;
  }

  #takeState(state: unknown): void {
    const [valuesBytes = 0, entriesCount = 0, ownBytes = 0] = (state as (string | number)[]).map(Number);
    const otherBytes = this.#options.otherBytes?.() ?? 0;
    const totalBytes = valuesBytes + ownBytes + otherBytes;
    const { maxBytes } = this.#options;
    this.#usage = { totalBytes, valuesBytes, ownBytes, otherBytes, entriesCount, maxBytes };
  }

  #run(script: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#ask.run({ script, keys: this.#keys, args });
  }

  #valueKey(keyHash: string): string {
    return `${this.#options.prefix}{${keyHash}}:v`;
  }
}
