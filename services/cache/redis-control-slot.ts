import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import { INVALIDATE_SCRIPT, LOOK_SCRIPT } from './control-scripts.js';
import type { ControlSlot, Invalidation, KnownPosition, LookAnswer, TagChange } from './control-slot.js';
import type { RootCause } from './observer.js';
import { RedisAsk } from './redis-ask.js';
import { type Generation, newHalf, newRoot } from './stamp.js';

/** W of PROTOCOL.md: how long memory may be used without asking. */
const TRUST_MS = 1000;

/** A look that takes longer is a look that failed; far below W, so that a lost answer costs no trust. */
const LOOK_DEADLINE_MS = 200;

/** Longer than entries usually live and renewed when asked for. One that runs out makes misses, never old data. */
const GENERATION_PX = 14 * 24 * 60 * 60 * 1000;

const LOG_LENGTH_COUNT = 4000;

interface Scripts {
  dashcacheLook(keysCount: number, ...args: string[]): Promise<unknown[]>;
  dashcacheInvalidate(keysCount: number, ...args: string[]): Promise<unknown>;
}

/** The truth shared by all processes of one Redis (PROTOCOL.md, "Data" and "Scripts on the control slot"). */
export class RedisControlSlot implements ControlSlot {
  readonly trustMs = TRUST_MS;
  readonly #scripts: Scripts;
  readonly #ask: RedisAsk;
  readonly #prefix: string;

  constructor(options: { redis: Redis; prefix: string; clock: Clock }) {
    options.redis.defineCommand('dashcacheLook', { lua: LOOK_SCRIPT });
    options.redis.defineCommand('dashcacheInvalidate', { lua: INVALIDATE_SCRIPT });
    this.#scripts = options.redis as Redis & Scripts;
    this.#ask = new RedisAsk({ redis: options.redis, clock: options.clock, deadlineMs: LOOK_DEADLINE_MS });
    this.#prefix = options.prefix;
  }

  async look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer> {
    const keys = this.#keys(tags);
    const fresh = tags.flatMap(() => [newHalf(), newHalf()]);
    const args = [newRoot(), known.root, known.position, String(GENERATION_PX), ...fresh];
    const reply = await this.#ask.inTime(() => this.#scripts.dashcacheLook(keys.length, ...keys, ...args));
    const [root, position, cause, generations, kind, changes] = reply as [
      string,
      string,
      string,
      string[],
      string,
      string[],
    ];
    return {
      root,
      position,
      newRoot: cause === '' ? null : known.root === '' ? 'first' : (cause as RootCause),
      changes: kind === 'changes' ? readChanges(changes) : 'gap',
      generations: generations.map(readGeneration),
    };
  }

  async invalidate({ tags, mode }: Invalidation): Promise<RootCause | null> {
    const keys = this.#keys(tags);
    const perTag = tags.flatMap((tag) => [writeTag(tag), newHalf(), newHalf()]);
    const args = [newRoot(), mode, String(GENERATION_PX), String(LOG_LENGTH_COUNT), ...perTag];
    const cause = await this.#ask.inTime(() =>
      this.#scripts.dashcacheInvalidate(keys.length, ...keys, ...args),
    );
    return cause === '' ? null : (cause as RootCause);
  }

  #keys(tags: readonly string[]): string[] {
    const slot = `${this.#prefix}{g}:`;
    return [`${slot}root`, `${slot}log`, ...tags.map((tag) => `${slot}t:${writeTag(tag)}`)];
  }
}

/**
 * A tag as Redis holds it. UTF-8 would merge all lone surrogates into one character: a change would then be told under a tag
 * that nobody follows.
 */
function writeTag(tag: string): string {
  return JSON.stringify(tag).slice(1, -1);
}

function readTag(text: string): string {
  return String(JSON.parse(`"${text}"`));
}

function readChanges(fields: readonly string[]): TagChange[] {
  const changes: TagChange[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    changes.push({ tag: readTag(fields[i] ?? ''), generation: readGeneration(fields[i + 1] ?? '') });
  }
  return changes;
}

function readGeneration(text: string): Generation {
  const [purge, expire] = text.split(':');
  if (!purge || !expire)
    throw new Error(`A generation in Redis is not of the form purge:expire: ${text.slice(0, 40)}`);
  return { purge, expire };
}
