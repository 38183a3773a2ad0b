import { setImmediate as nextTurn } from 'node:timers/promises';
import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import type { Clock } from '../clock.js';
import { type MinuteRecord, restoreMinute, storeMinute } from './minute-record.js';
import { daysKey } from './redis-days.js';

const MINUTES_PER_HOUR_COUNT = 60;
/** Eight days, and the hour in which the last of them began. */
const KEPT_MS = (8 * 24 + 1) * 60 * 60 * 1000;
const KEPT_HOURS_COUNT = 8 * 24 + 1;
const DEADLINE_MS = 500;
/** Eight days are some 200 hours: together they take no longer than this. */
const READ_DEADLINE_MS = 2_000;
const HOURS_AT_ONCE_COUNT = 24;

/** Idempotent: the same minute of the same process may be written any number of times. */
const WRITE = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
`;

/** Bytes of the hours that exist, and of the days; MEMORY USAGE samples five fields, so it is quick however long they are. */
const USAGE = `
local bytes = 0
for i = 1, #KEYS do
  bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0)
end
return bytes
`;

/** The minutes of all processes in Redis: one hash an hour, `<prefix>{h}:<hour>`, field `<minute>:<process>`. */
export class RedisHistory {
  readonly #ask: RedisAsk;
  readonly #clock: Clock;
  readonly #prefix: string;

  constructor(options: { redis: RedisClient; prefix: string; clock: Clock }) {
    this.#ask = new RedisAsk({ ...options, deadlineMs: DEADLINE_MS });
    this.#clock = options.clock;
    this.#prefix = options.prefix;
  }

  async write(record: MinuteRecord, processId: string): Promise<void> {
    const field = `${record.minute}:${processId}`;
    const hour = Math.floor(record.minute / MINUTES_PER_HOUR_COUNT);
    await this.#ask.run({
      script: WRITE,
      keys: [this.#key(hour)],
      args: [field, storeMinute(record), KEPT_MS],
    });
  }

  /** Whether Redis still has a minute that this process wrote. */
  async has(minute: number, processId: string): Promise<boolean> {
    const key = this.#key(Math.floor(minute / MINUTES_PER_HOUR_COUNT));
    return (await this.#ask.inTime((redis) => redis.hexists(key, `${minute}:${processId}`))) === 1;
  }

  /** The records from minute `from` up to, not including, `to`, without those of one process. */
  async read(range: { from: number; to: number; except: string }): Promise<MinuteRecord[]> {
    const untilMs = this.#clock.monotonicMs() + READ_DEADLINE_MS;
    const records: MinuteRecord[] = [];
    const firstHour = Math.floor(range.from / MINUTES_PER_HOUR_COUNT);
    const lastHour = Math.floor((range.to - 1) / MINUTES_PER_HOUR_COUNT);
    for (let hour = firstHour; hour <= lastHour; hour += HOURS_AT_ONCE_COUNT) {
      if (this.#clock.monotonicMs() > untilMs) throw new Error('The history took too long to read');
      const count = Math.min(HOURS_AT_ONCE_COUNT, lastHour - hour + 1);
      const hashes = await Promise.all(
        Array.from({ length: count }, (_, i) =>
          this.#ask.inTime((redis) => redis.hgetall(this.#key(hour + i))),
        ),
      );
      for (const hash of hashes) readHour(hash, range, records);
      // A week of several processes is megabytes of JSON: reads of panels go in between.
      await nextTurn();
    }
    return records;
  }

  /** Bytes that the whole history takes in Redis. */
  async usageBytes(): Promise<number> {
    const thisHour = Math.floor(this.#clock.nowMs() / (MINUTES_PER_HOUR_COUNT * 60_000));
    const keys = Array.from({ length: KEPT_HOURS_COUNT + 1 }, (_, i) => this.#key(thisHour - i));
    return Number(await this.#ask.run({ script: USAGE, keys: [...keys, daysKey(this.#prefix)], args: [] }));
  }

  #key(hour: number): string {
    return `${this.#prefix}{h}:${hour}`;
  }
}

function readHour(
  hash: Readonly<Record<string, string>>,
  { from, to, except }: { from: number; to: number; except: string },
  records: MinuteRecord[],
): void {
  for (const [field, text] of Object.entries(hash)) {
    const colon = field.indexOf(':');
    const minute = Number(field.slice(0, colon));
    if (!(minute >= from && minute < to) || field.slice(colon + 1) === except) continue;
    const record = restoreMinute(minute, text);
    if (record) records.push(record);
  }
}
