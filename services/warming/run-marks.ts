import { LRUCache } from 'lru-cache';
import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import type { Clock } from '../clock.js';

/** Longer than a rolling deploy brings its processes up one after the other, or the clocks of hosts differ. */
const DONE_MS = 10 * 60_000;
const DONE_MAX_COUNT = 1000;
const DEADLINE_MS = 500;
const DONE = 'done';

/** So long a run belongs to its process without a word of it. */
export const RUN_HELD_MS = 6_000;

export type RunStanding = 'taken' | 'held' | 'done';

/** Which process does a warming that all processes would do. Everything here may run twice or late, and rejects while nobody can tell. */
export interface RunMarks {
  /** taken: by this process, now or before; held: by another one; done: by whoever it was, not long ago. */
  take(run: string): Promise<RunStanding>;
  /** Whether it still belongs to this process, which is then said for another RUN_HELD_MS. */
  keep(run: string): Promise<boolean>;
  finish(run: string): Promise<void>;
  /** Whoever waits for it may take it. */
  giveBack(run: string): Promise<void>;
}

/** KEYS: the run. ARGV: process, px. */
const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder == '${DONE}' then return 'done' end
if holder and holder ~= ARGV[1] then return 'held' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'taken'
`;

/** KEYS: the run. ARGV: process, px, what it is to say then ('' nothing). */
const TURN = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2]) end
return 1
`;

/** In Redis, for all processes: `<prefix>{w}:run:<run>`. */
export class RedisRunMarks implements RunMarks {
  readonly #ask: RedisAsk;
  readonly #prefix: string;
  readonly #processId: string;

  constructor(options: { redis: RedisClient; prefix: string; processId: string; clock: Clock }) {
    this.#ask = new RedisAsk({ ...options, deadlineMs: DEADLINE_MS });
    this.#prefix = options.prefix;
    this.#processId = options.processId;
  }

  async take(run: string): Promise<RunStanding> {
    const answer = await this.#run(TAKE, { run, args: [this.#processId, RUN_HELD_MS] });
    return answer as RunStanding;
  }

  async keep(run: string): Promise<boolean> {
    return (await this.#turn(run, this.#processId, RUN_HELD_MS)) === 1;
  }

  async finish(run: string): Promise<void> {
    await this.#turn(run, DONE, DONE_MS);
  }

  async giveBack(run: string): Promise<void> {
    await this.#turn(run, '', 0);
  }

  #turn(run: string, into: string, px: number): Promise<unknown> {
    return this.#run(TURN, { run, args: [this.#processId, px, into] });
  }

  #run(script: string, { run, args }: { run: string; args: readonly (string | number)[] }): Promise<unknown> {
    return this.#ask.run({ script, keys: [`${this.#prefix}{w}:run:${run}`], args });
  }
}

/** Without Redis each process is alone. */
export class OwnRunMarks implements RunMarks {
  readonly #clock: Clock;
  readonly #doneUntilMs = new LRUCache<string, number>({ max: DONE_MAX_COUNT });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(run: string): Promise<RunStanding> {
    const untilMs = this.#doneUntilMs.get(run) ?? 0;
    return this.#clock.monotonicMs() < untilMs ? 'done' : 'taken';
  }

  async keep(): Promise<boolean> {
    return true;
  }

  async finish(run: string): Promise<void> {
    this.#doneUntilMs.set(run, this.#clock.monotonicMs() + DONE_MS);
  }

  async giveBack(): Promise<void> {}
}
