import { setImmediate } from 'node:timers/promises';
import type { CacheAnswer } from '../../services/cache/answer.js';
import { Cache } from '../../services/cache/cache.js';
import type { ControlSlot } from '../../services/cache/control-slot.js';
import type { FillSignals } from '../../services/cache/fill-signals.js';
import { Generations } from '../../services/cache/generations.js';
import type { LoadCause } from '../../services/cache/inspection.js';
import { type KeyPart, makeKey } from '../../services/cache/key.js';
import { MemoryControlSlot } from '../../services/cache/memory-control-slot.js';
import { MemoryStore } from '../../services/cache/memory-store.js';
import type { CacheObserver, ToldInvalidation } from '../../services/cache/observer.js';
import type { CachePolicy } from '../../services/cache/policy.js';
import type { RedisStore } from '../../services/cache/redis-store.js';
import type { CacheRequest } from '../../services/cache/request.js';
import { silentLog } from '../../services/log.js';
import { ManualClock } from './manual-clock.js';

/** What a test's cache is asked for where the test does not say otherwise. */
export const ROOM_POLICY: CachePolicy = {
  ttlMs: 300_000,
  graceMs: 60_000,
  staleIfErrorMs: 600_000,
  deadlineMs: 30_000,
  softDeadlineMs: null,
  unproven: 'allow',
  maxStalenessMs: null,
};

export const FRESH_MS = ROOM_POLICY.ttlMs;
export const GRACE_MS = ROOM_POLICY.graceMs;

/** Counts what it is told, by name; frames and roots as `frame:<fault>` and `root:<cause>`. */
export class CountingObserver implements CacheObserver {
  readonly #counts = new Map<string, number>();

  operation(operation: string): void {
    this.#count(`operation:${operation}`);
  }

  event(event: string): void {
    this.#count(event);
  }

  frameRejected(fault: string): void {
    this.#count(`frame:${fault}`);
  }

  newRoot(cause: string): void {
    this.#count(`root:${cause}`);
  }

  /** The invalidations and switches it was told of, in order. */
  readonly invalidations: ToldInvalidation[] = [];
  readonly switches: { readonly tag: string; readonly enabled: boolean }[] = [];

  invalidated(invalidation: ToldInvalidation): void {
    this.invalidations.push(invalidation);
  }

  switched(change: { readonly tag: string; readonly enabled: boolean }): void {
    this.switches.push(change);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  #count(name: string): void {
    this.#counts.set(name, this.count(name) + 1);
  }
}

export interface CacheRoom {
  readonly cache: Cache;
  readonly clock: ManualClock;
  readonly memory: MemoryStore;
  readonly generations: Generations;
  readonly observer: CountingObserver;
}

export interface RoomOptions {
  readonly slot?: ControlSlot;
  readonly clock?: ManualClock;
  readonly redis?: RedisStore | null;
  readonly observer?: CountingObserver;
  readonly maxBytes?: number;
  readonly signals?: FillSignals;
  /** Another Generations, e.g. one that a test has broken on purpose. */
  readonly makeGenerations?: (options: ConstructorParameters<typeof Generations>[0]) => Generations;
}

/** A cache with a clock that the test turns. Without options: memory alone, entries that become stale exactly after the ttl. */
export function cacheRoom(options: RoomOptions = {}): CacheRoom {
  const clock = options.clock ?? new ManualClock();
  const observer = options.observer ?? new CountingObserver();
  const memory = new MemoryStore({ maxBytes: options.maxBytes ?? 16 * 1024 * 1024, clock, observer });
  const slot = options.slot ?? new MemoryControlSlot();
  const make = options.makeGenerations ?? ((parts) => new Generations(parts));
  const generations = make({ slot, clock, log: silentLog, observer });
  const cache = new Cache({
    memory,
    redis: options.redis ?? null,
    generations,
    clock,
    observer,
    random: () => 0,
    ...(options.signals ? { signals: options.signals } : {}),
  });
  return { cache, clock, memory, generations, observer };
}

export interface ScriptedRequest extends CacheRequest {
  /** Loads begun. */
  readonly loadsCount: number;
  /** Why each was begun. */
  readonly causes: readonly LoadCause[];
}

/** A request whose load gives what `load` gives and counts how often it ran; its bytes hold the content and generated_at. */
export function requestOf(
  load: (signal: AbortSignal, cause: LoadCause) => Promise<string> | string,
  options: {
    parts?: readonly KeyPart[];
    tenant?: string | null;
    tags?: readonly string[];
    policy?: Partial<CachePolicy>;
    toldToMs?: () => number;
  } = {},
): ScriptedRequest {
  let loadsCount = 0;
  const causes: LoadCause[] = [];
  return {
    causes,
    key: makeKey(options.tenant ?? null, options.parts ?? ['panel']),
    tags: options.tags ?? ['all', 'panel'],
    policy: { ...ROOM_POLICY, ...options.policy },
    ...(options.toldToMs && { toldToMs: options.toldToMs }),
    async load(signal, cause) {
      loadsCount++;
      causes.push(cause);
      return load(signal, cause);
    },
    render: (content, generatedAtMs) => `${content}@${generatedAtMs}`,
    get loadsCount() {
      return loadsCount;
    },
  };
}

/** Lets everything that waits for nothing but its turn go on. */
export async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}

/** A promise with its handles outside. */
export function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** The bytes of an answer as text, where they are at hand. */
export function textOf({ entry }: CacheAnswer): string {
  return String(entry.body.ready('identity'));
}

/** A load that gives v1, v2 and so on. */
export function versions(): () => string {
  let version = 0;
  return () => `v${++version}`;
}
