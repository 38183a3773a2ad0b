import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { type DayRecord, dayOf } from './day-record.js';
import type { History, HistoryReach } from './history.js';
import { KEPT_DAYS_COUNT, type RedisDays } from './redis-days.js';

export const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;
const STEP_EVERY_MS = 60 * 60 * 1000;
/** Minutes are kept for eight days: so many whole ones can be made of them. */
const MADE_OF_MINUTES_COUNT = 7;

export interface DaysOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: Pick<History, 'records'>;
  /** Where all processes' days meet; null: memory only. */
  readonly redis: Pick<RedisDays, 'read' | 'write'> | null;
}

export interface DaysAnswer {
  readonly reach: HistoryReach;
  /** In order of time; a day in which no process ran is absent. */
  readonly days: readonly DayRecord[];
}

/**
 * One record a day, made of the minutes of all processes and kept when those are gone. Each process makes the days that are
 * missing and writes back those that Redis has lost: who of them does it, and how often, changes nothing.
 */
export class Days {
  readonly #options: DaysOptions;
  /** Days that are over, by day. */
  readonly #known = new Map<number, DayRecord>();
  #cancel = () => {};
  #closed = false;

  constructor(options: DaysOptions) {
    this.#options = options;
  }

  get today(): number {
    return Math.floor(this.#options.clock.nowMs() / DAY_MS);
  }

  /** Begins to make and keep days, at once and then in steps. */
  start(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(STEP_EVERY_MS, () => this.start());
    void this.step();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** All days that are known, that of today up to its last whole minute. Bounded in time, never rejects. */
  async all(): Promise<DaysAnswer> {
    const { isAway } = await this.#learn();
    // Whoever asks waits for one question that Redis does not answer, not for one of each day.
    if (!isAway) await this.#makeMissing();
    const today = await this.#make(this.today);
    const days = [...this.#known.values()].filter(({ day }) => day < today.record.day);
    if (today.record.partsCount > 0) days.push(today.record);
    return { reach: today.reach, days: days.sort((a, b) => a.day - b.day) };
  }

  /** Makes the days that are over and missing, yesterday once more, and sees to it that Redis has all. Never rejects. */
  async step(): Promise<void> {
    const { isAway, stored } = await this.#learn();
    if (isAway) return;
    await this.#makeMissing();
    // A process that was cut off from Redis at midnight has written the rest of its minutes by now.
    await this.#keepMade(this.today - 1);
    this.#dropOld();
    await this.#writeBack(stored);
  }

  /** Takes over what Redis has, and tells how full each of its days is. */
  async #learn(): Promise<{ isAway: boolean; stored: ReadonlyMap<number, number> }> {
    const { redis } = this.#options;
    const records = redis ? await redis.read().catch(() => null) : [];
    for (const record of records ?? []) this.#keep(record);
    const stored = (records ?? []).map(({ day, partsCount }) => [day, partsCount] as const);
    return { isAway: records === null, stored: new Map(stored) };
  }

  async #makeMissing(): Promise<void> {
    for (let day = this.today - MADE_OF_MINUTES_COUNT; day < this.today; day++)
      if (!this.#known.has(day)) await this.#keepMade(day);
  }

  async #keepMade(day: number): Promise<void> {
    const { reach, record } = await this.#make(day);
    // While Redis is away only our own share is at hand: the day is made when it is back.
    if (reach === 'process' && this.#options.redis) return;
    if (record.partsCount > 0) this.#keep(record);
  }

  async #make(day: number): Promise<{ reach: HistoryReach; record: DayRecord }> {
    // The minute that runs is no minute yet: it would make every rate of a short time too small.
    const thisMinuteMs = Math.floor(this.#options.clock.nowMs() / MINUTE_MS) * MINUTE_MS;
    const range = { fromMs: day * DAY_MS, toMs: Math.min((day + 1) * DAY_MS, thisMinuteMs) };
    const { reach, records } = await this.#options.history.records(range);
    return { reach, record: dayOf(day, records) };
  }

  #keep(record: DayRecord): void {
    const { partsCount = 0 } = this.#known.get(record.day) ?? {};
    if (record.partsCount > partsCount) this.#known.set(record.day, record);
  }

  #dropOld(): void {
    for (const day of this.#known.keys()) if (day < this.today - KEPT_DAYS_COUNT) this.#known.delete(day);
  }

  async #writeBack(stored: ReadonlyMap<number, number>): Promise<void> {
    const { redis, log } = this.#options;
    try {
      for (const record of this.#known.values())
        if (record.partsCount > (stored.get(record.day) ?? 0)) await redis?.write(record, this.today);
    } catch (error) {
      log.debug({ err: error }, 'Redis did not take the history of a day: it is written later');
    }
  }
}
