import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import { Body } from '../../services/cache/body.js';
import type { Entry } from '../../services/cache/entry.js';
import { makeKey } from '../../services/cache/key.js';
import { newLeaseValue } from '../../services/cache/lease-value.js';
import { RedisStore } from '../../services/cache/redis-store.js';
import { newGeneration, newHalf, newRoot, type Stamp } from '../../services/cache/stamp.js';
import type { StoreQuestion } from '../../services/cache/store-reply.js';
import { cacheRedis } from './cache-redis.js';
import { CountingObserver } from './cache-room.js';
import { ManualClock } from './manual-clock.js';

export const key = makeKey('7', ['metrics']);
export const LEASE = `dc:{${key.hash}}:l`;
export const TTL_MS = 1000;

export const STAMP: Stamp = { root: newRoot(), generations: [newGeneration(), newGeneration()] };
export const purged: Stamp = { root: STAMP.root, generations: [newGeneration(), newGeneration()] };
export const expired: Stamp = {
  root: STAMP.root,
  generations: STAMP.generations.map(({ purge }) => ({ purge, expire: newHalf() })),
};

export interface StoreRoom {
  readonly redis: Redis;
  readonly clock: ManualClock;
  readonly observer: CountingObserver;
  readonly store: RedisStore;
}

/** A store on a Redis that is emptied first, as one process has it. */
export async function storeOn(t: Test, url: string): Promise<StoreRoom> {
  const room = await nextStoreOn(t, url, new ManualClock());
  await room.redis.flushall();
  return room;
}

/** The store of another process. */
export async function nextStoreOn(t: Test, url: string, clock: ManualClock): Promise<StoreRoom> {
  const redis = await cacheRedis(t, url);
  const observer = new CountingObserver();
  const ledger = { stored: () => {}, read: () => {} };
  return { redis, clock, observer, store: new RedisStore({ redis, prefix: 'dc:', clock, observer, ledger }) };
}

export function questionOf(question: Partial<StoreQuestion> = {}): StoreQuestion {
  const stamp = question.stamp ?? STAMP;
  const fixed = { key, stamp, graceMs: null, except: null, overtake: null };
  return { ...fixed, lease: newLeaseValue(stamp), ...question };
}

export function entryOf(clock: ManualClock, text: string, stamp = STAMP): Entry {
  return {
    keyHash: key.hash,
    tenantHash: key.tenantHash,
    stamp,
    storedAtMs: clock.nowMs(),
    staleAtMs: clock.nowMs() + TTL_MS,
    deleteAtMs: clock.nowMs() + 60_000,
    generatedAtMs: clock.nowMs(),
    contentHash: 'c'.repeat(32),
    etag: `${'e'.repeat(21)}A`,
    body: Body.of(Buffer.from(text)),
  };
}

/** Loaded and stored under a lease of its own. */
export async function stored(
  { store, clock }: Pick<StoreRoom, 'store' | 'clock'>,
  { text = 'v1', stamp = STAMP }: { text?: string; stamp?: Stamp } = {},
): Promise<void> {
  const question = questionOf({ stamp });
  await store.ask(question);
  await store.fill(entryOf(clock, text, stamp), question.lease ?? '');
}
