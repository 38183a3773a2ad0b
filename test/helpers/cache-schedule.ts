import type { CacheAnswer } from '../../services/cache/answer.js';
import { makeKey } from '../../services/cache/key.js';
import type { CacheRequest } from '../../services/cache/request.js';
import { type CacheRoom, deferred, ROOM_POLICY } from './cache-room.js';
import type { ManualClock } from './manual-clock.js';
import { SeededRandom } from './seeded-random.js';

const KEYS_COUNT = 2;
/** Of refreshes of one key that is always equal. */
const LONGEST_PACE_MS = 10_000;

export interface ScheduleOptions {
  readonly seed: number;
  /** The processes, all on one clock. */
  readonly rooms: readonly CacheRoom[];
  readonly clock: ManualClock;
  /** By how much the clock moves, when it does. */
  readonly advancesMs: readonly number[];
  /** From its acknowledgement until a purge must be in force in the other processes. */
  readonly inForceAfterMs: number;
  /** Whether purges wait until they are in force everywhere. */
  readonly waits: boolean;
  /** Lets what waits for no hand of the schedule go on. */
  readonly pause: () => Promise<void>;
}

interface Acknowledged {
  readonly room: CacheRoom;
  readonly atMs: number;
  /** What each purged key's source held when the purge was asked for. */
  readonly versions: ReadonlyMap<number, number>;
}

/**
 * One random schedule of reads, changes of the sources, purges, expires, clock and loads that are held and fail, the same for
 * the same seed; and the oracle: a read must never give a version older than the last purge acknowledged before it began.
 */
export class Schedule {
  readonly violations: string[] = [];
  /** How often each outcome was met. */
  readonly seen = new Map<string, number>();
  readonly #options: ScheduleOptions;
  readonly #random: () => number;
  readonly #versions: number[] = Array.from({ length: KEYS_COUNT }, () => 1);
  readonly #acknowledged: Acknowledged[] = [];
  readonly #held: (() => void)[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const random = new SeededRandom(options.seed);
    this.#random = () => random.next();
  }

  async run(stepsCount: number): Promise<void> {
    for (let i = 0; i < stepsCount; i++) {
      await this.#step();
      // Now and then the next step comes before anything of this one could happen.
      if (this.#random() < 0.7) await this.#options.pause();
    }
    await this.#end();
    // Refreshes that waited for their pace: else they would hold loads of this schedule in the next one.
    this.#options.clock.advance(LONGEST_PACE_MS);
    await this.#end();
  }

  async #end(): Promise<void> {
    let isOver = false;
    const over = this.#landed().then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const release of this.#held.splice(0)) release();
      // Who waits for others waits by the clock.
      if (this.#options.rooms.length > 1) this.#options.clock.advance(25);
      await this.#options.pause();
    }
    await over;
  }

  async #landed(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    for (const { cache } of this.#options.rooms) await cache.settled();
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    const key = this.#pick(KEYS_COUNT);
    if (dice < 0.45) this.#read(key, 'read');
    else if (dice < 0.48) this.#read(key, 'bypass');
    else if (dice < 0.6) this.#versions[key] = this.#versionOf(key) + 1;
    else if (dice < 0.7) this.#invalidate(this.#random() < 0.3 ? null : key, 'purge');
    else if (dice < 0.74) this.#invalidate(key, 'expire');
    else if (dice < 0.86) this.#held.splice(this.#pick(this.#held.length), 1)[0]?.();
    else await this.#advance();
  }

  /** Mostly when nothing is under way that only takes its time: else its deadline would pass at each move. */
  async #advance(): Promise<void> {
    const { advancesMs, clock, pause } = this.#options;
    if (this.#random() < 0.9) await pause();
    clock.advance(advancesMs[this.#pick(advancesMs.length)] ?? 0);
  }

  #read(key: number, how: 'read' | 'bypass'): void {
    const room = this.#room();
    const floor = this.#floorOf(key, room);
    const wasIsolated = room.generations.isIsolated;
    const request = this.#requestOf(key);
    const reading = how === 'read' ? room.cache.read(request) : room.cache.bypass(request);
    this.#follow(
      reading.then(
        (answer) => {
          this.#see(answer.outcome);
          if (answer.layer === 'l2') this.#see('l2');
          // A process that Redis does not answer can not know of purges elsewhere.
          if (wasIsolated || room.generations.isIsolated) this.#see('isolated');
          else this.#check(answer, key, floor);
        },
        () => this.#see('error'),
      ),
    );
  }

  #check(answer: CacheAnswer, key: number, floor: number): void {
    const text = String(answer.entry.body.ready('identity'));
    const [, of = '', version = ''] = /^(\d+)=(\d+)@/.exec(text) ?? [];
    const told = `seed ${this.#options.seed}: ${answer.outcome} of ${key}`;
    if (Number(of) !== key) this.violations.push(`${told} gave ${text}`);
    if (Number(version) < floor) this.violations.push(`${told} gave ${version}, purged up to ${floor}`);
  }

  #invalidate(key: number | null, mode: 'purge' | 'expire'): void {
    const room = this.#room();
    const keys = key === null ? [...this.#versions.keys()] : [key];
    const versions = new Map(keys.map((one) => [one, this.#versionOf(one)]));
    this.#follow(
      room.cache.invalidate([key === null ? 'all' : `key ${key}`], mode, { wait: this.#options.waits }).then(
        () => {
          this.#see(mode);
          if (mode === 'purge')
            this.#acknowledged.push({ room, atMs: this.#options.clock.monotonicMs(), versions });
        },
        () => this.#see('invalidation refused'),
      ),
    );
  }

  /** The oldest version that a read beginning now may give. */
  #floorOf(key: number, room: CacheRoom): number {
    const nowMs = this.#options.clock.monotonicMs();
    const inForce = this.#acknowledged.filter(
      (purge) => purge.room === room || nowMs >= purge.atMs + this.#options.inForceAfterMs,
    );
    return Math.max(0, ...inForce.map(({ versions }) => versions.get(key) ?? 0));
  }

  #requestOf(key: number): CacheRequest {
    const softDeadlineMs = this.#random() < 0.3 ? 100 : null;
    return {
      key: makeKey('tenant', [String(key)]),
      tags: ['all', `key ${key}`],
      policy: { ...ROOM_POLICY, softDeadlineMs },
      load: async () => {
        const content = `${key}=${this.#versionOf(key)}`;
        const [holds, fails] = [this.#random() < 0.6, this.#random() < 0.05];
        if (holds) {
          const hand = deferred<void>();
          this.#held.push(() => hand.resolve());
          await hand.promise;
        }
        if (fails) throw new Error('The source is down');
        return content;
      },
      render: (content, generatedAtMs) => `${content}@${generatedAtMs}${' '.repeat(this.#pick(500))}`,
    };
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }

  #versionOf(key: number): number {
    return this.#versions[key] ?? 0;
  }

  #room(): CacheRoom {
    const room = this.#options.rooms[this.#pick(this.#options.rooms.length)];
    if (!room) throw new Error('A schedule needs a process');
    return room;
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #see(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}
