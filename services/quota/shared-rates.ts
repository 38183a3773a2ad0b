import { hashParts } from '../cache/key.js';
import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import { newProcessId } from '../cache/stamp.js';
import type { Clock } from '../clock.js';
import type { CallerCount, RateLedger } from './rate-limiter.js';

/** Counts that come later than that are of no use. */
const DEADLINE_MS = 200;

/**
 * KEYS: the window. ARGV: how long it is kept, in ms; the process; then caller and count in turn. A field for the sum of each caller, and
 * one for what each process has told of it: told twice it counts once.
 */
const TELL_SCRIPT = `
local totals = {}
for i = 3, #ARGV, 2 do
  local own = ARGV[2] .. ':' .. ARGV[i]
  local more = ARGV[i + 1] - (redis.call('HGET', KEYS[1], own) or 0)
  if more > 0 then
    redis.call('HSET', KEYS[1], own, ARGV[i + 1])
    redis.call('HINCRBY', KEYS[1], ARGV[i], more)
  end
  totals[#totals + 1] = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0)
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return totals
`;

/** What callers asked of all processes, in Redis: one hash for each window, gone after the next. While Redis does not answer each process counts alone. */
export class SharedRates implements RateLedger {
  readonly #ask: RedisAsk;
  readonly #prefix: string;
  readonly #keptMs: number;
  readonly #id = newProcessId();

  constructor(options: { redis: RedisClient; prefix: string; clock: Clock; windowMs: number }) {
    this.#ask = new RedisAsk({ redis: options.redis, clock: options.clock, deadlineMs: DEADLINE_MS });
    this.#prefix = options.prefix;
    this.#keptMs = 2 * options.windowMs;
  }

  async tell(window: number, counts: readonly CallerCount[]): Promise<readonly number[] | null> {
    try {
      const totals = await this.#ask.run({
        script: TELL_SCRIPT,
        keys: [`${this.#prefix}{r}:${window}`],
        args: [
          this.#keptMs,
          this.#id,
          ...counts.flatMap(({ caller, count }) => [hashParts([caller]), count]),
        ],
      });
      return totals as number[];
    } catch {
      // The breaker and the looks tell of a Redis that does not answer; here it only means to count alone.
      return null;
    }
  }
}
