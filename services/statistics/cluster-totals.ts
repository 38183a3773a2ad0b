import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { type ProcessSnapshot, parseSnapshot } from './process-snapshot.js';

const WRITE_EVERY_MS = 5_000;
/** A process that wrote nothing for so long is not alive any more. */
const SILENT_MS = 30_000;
/** Every so many writes the silent ones are dropped too, so that restarts leave nothing behind. */
const DROP_EVERY_COUNT = 6;
/** Whoever asks for statistics waits no longer than this for the other processes' figures. */
const DEADLINE_MS = 500;

/** Writes one process' figures under Redis' own time; writing twice changes nothing, so a resend is harmless. */
const WRITE = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f:%s', nowMs, ARGV[2]))
-- Nobody's figures outlive the last process by much
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[3])
`;

/** As WRITE, and drops the silent processes and answers the others as [id, age in ms, figures, ...]. */
const EXCHANGE = `${WRITE}
local fields = redis.call('HGETALL', KEYS[1])
local living = {}
for i = 1, #fields, 2 do
  local stamp, figures = string.match(fields[i + 1], '^(%d+):(.*)$')
  local ageMs = stamp and nowMs - stamp
  if not ageMs or ageMs > tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], fields[i])
  elseif fields[i] ~= ARGV[1] then
    living[#living + 1] = fields[i]
    living[#living + 1] = string.format('%.0f', math.max(0, ageMs))
    living[#living + 1] = figures
  end
end
return living
`;

export interface ProcessFigures {
  readonly snapshot: ProcessSnapshot;
  /** How old the figures are; 0 for this process. */
  readonly ageMs: number;
}

export interface Totals {
  /** cluster: every live process is in; process: Redis did not answer, or there is none, so only this process is. */
  readonly reach: 'cluster' | 'process';
  /** This process first. */
  readonly processes: readonly ProcessFigures[];
}

export interface ClusterTotalsOptions {
  /** null: memory only. */
  readonly redis: RedisClient | null;
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly snapshot: () => ProcessSnapshot;
}

/** The figures of all live processes: each writes its own every 5 s, whoever asks reads them all. */
export class ClusterTotals {
  readonly #options: ClusterTotalsOptions;
  readonly #ask: RedisAsk | null;
  readonly #key: string;
  #asking: Promise<Totals> | null = null;
  #writesCount = 0;
  #cancel = () => {};
  #failing = false;
  #closed = false;

  constructor(options: ClusterTotalsOptions) {
    this.#options = options;
    this.#key = `${options.prefix}{s}:processes`;
    this.#ask = options.redis
      ? new RedisAsk({ redis: options.redis, clock: options.clock, deadlineMs: DEADLINE_MS })
      : null;
  }

  /** Begins to write in steps. */
  start(): void {
    if (!this.#ask || this.#closed) return;
    this.#cancel = this.#options.clock.after(WRITE_EVERY_MS, () => void this.#step());
  }

  /** The figures now, in bounded time and never rejecting; who asks while an answer is on its way shares it. */
  totals(): Promise<Totals> {
    this.#asking ??= this.#exchange().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** Ends the steps and takes this process out of the totals. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    const { id } = this.#options.snapshot();
    await this.#ask?.inTime((redis) => redis.hdel(this.#key, id)).catch(() => {});
  }

  async #step(): Promise<void> {
    this.#writesCount++;
    if (this.#writesCount % DROP_EVERY_COUNT === 0) await this.totals();
    else await this.#run(WRITE, this.#options.snapshot()).catch(() => {});
    this.start();
  }

  async #exchange(): Promise<Totals> {
    const snapshot = this.#options.snapshot();
    const own = { snapshot, ageMs: 0 };
    try {
      const reply = await this.#run(EXCHANGE, snapshot);
      return { reach: 'cluster', processes: [own, ...readFigures(reply)] };
    } catch {
      return { reach: 'process', processes: [own] };
    }
  }

  async #run(script: string, snapshot: ProcessSnapshot): Promise<unknown> {
    if (!this.#ask) throw new Error('There is no Redis');
    const args = [snapshot.id, JSON.stringify(snapshot), SILENT_MS];
    try {
      const reply = await this.#ask.run({ script, keys: [this.#key], args });
      this.#failing = false;
      return reply;
    } catch (error) {
      if (!this.#failing)
        this.#options.log.warn(
          { err: error },
          'Redis does not take the statistics: they cover this process alone until it does',
        );
      this.#failing = true;
      throw error;
    }
  }
}

function readFigures(reply: unknown): ProcessFigures[] {
  const figures: ProcessFigures[] = [];
  if (!Array.isArray(reply)) return figures;
  for (let i = 0; i + 2 < reply.length; i += 3) {
    const snapshot = parseSnapshot(String(reply[i + 2]));
    if (snapshot) figures.push({ snapshot, ageMs: Number(reply[i + 1]) });
  }
  return figures;
}
