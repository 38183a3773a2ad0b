import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import type { Clock } from '../clock.js';
import { type DayRecord, restoreDay, storeDay } from './day-record.js';

/** A year, and what a report over one needs besides. */
export const KEPT_DAYS_COUNT = 400;
const DAY_MS = 24 * 60 * 60 * 1000;
const DEADLINE_MS = 500;

/** Idempotent: of two records of one day the fuller one stays, in whatever order they come. */
const WRITE = `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local storedCount = stored and tonumber(string.match(stored, '^%d+')) or 0
if storedCount < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
end
-- Bounded, whatever a clock has once said the day is
if redis.call('HLEN', KEYS[1]) > ARGV[5] - ARGV[4] then
  local fields = redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    local day = tonumber(fields[i])
    if not day or day < tonumber(ARGV[4]) or day > tonumber(ARGV[5]) then
      redis.call('HDEL', KEYS[1], fields[i])
    end
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
`;

/** Where the days are: in the slot of the minutes. */
export function daysKey(prefix: string): string {
  return `${prefix}{h}:days`;
}

/** The days of all processes in Redis: one hash, `<prefix>{h}:days`, field `<day>`. */
export class RedisDays {
  readonly #ask: RedisAsk;
  readonly #key: string;

  constructor(options: { redis: RedisClient; prefix: string; clock: Clock }) {
    this.#ask = new RedisAsk({ ...options, deadlineMs: DEADLINE_MS });
    this.#key = daysKey(options.prefix);
  }

  /** Keeps a day, unless a fuller record of it is there; drops the days that are too old. */
  async write(record: DayRecord, today: number): Promise<void> {
    const { day, partsCount } = record;
    const kept = [today - KEPT_DAYS_COUNT, today + 1];
    await this.#ask.run({
      script: WRITE,
      keys: [this.#key],
      args: [day, partsCount, storeDay(record), ...kept, KEPT_DAYS_COUNT * DAY_MS],
    });
  }

  async read(): Promise<DayRecord[]> {
    const stored = await this.#ask.inTime((redis) => redis.hgetall(this.#key));
    return Object.entries(stored).flatMap(([field, text]) => {
      const [, day = '', parts = '', rest = ''] = /^(\d+):(\d+) (.*)$/s.exec(`${field}:${text}`) ?? [];
      return (day !== '' && restoreDay(Number(day), Number(parts), rest)) || [];
    });
  }
}
