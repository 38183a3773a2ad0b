import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import { newProcessId } from '../cache/stamp.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import {
  type BudgetLedger,
  type Granted,
  SLOT_MS,
  SLOTS_COUNT,
  sharesOf,
  type Wanted,
} from './budget-ledger.js';
import { BUDGET_SCRIPT } from './budget-script.js';
import { BudgetWindow, type CountsByAge } from './budget-window.js';

/** A grant that comes later than that is not used. */
const DEADLINE_MS = 200;
/** So often at the least each process hears what all have taken, and is known to the others. */
const BEAT_MS = 2000;
/** As many as a process that has never met Redis takes itself to be one of. */
const UNMET_PROCESSES_COUNT = 4;

const NOTHING: Wanted = { urgentTenants: [], pacedCount: 0 };

/** What Redis answered last. */
interface Heard {
  readonly atMs: number;
  readonly processesCount: number;
  readonly counts: CountsByAge;
}

/**
 * The account of a budget for all processes, in Redis. While that does not answer, each goes on alone with its part of what it knows
 * to be left: as if all of them did as it does.
 */
export class SharedBudget implements BudgetLedger {
  readonly #ask: RedisAsk;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sourceName: string;
  readonly #keys: readonly string[];
  readonly #perMinuteCount: number;
  readonly #id = newProcessId();
  #heard: Heard | null = null;
  #alone: BudgetWindow | null = null;
  /** Granted here while Redis did not answer. */
  #untoldCount = 0;
  #cancelBeat = (): void => {};
  #isClosed = false;

  constructor(options: {
    redis: RedisClient;
    prefix: string;
    clock: Clock;
    log: Log;
    sourceName: string;
    perMinuteCount: number;
  }) {
    const { redis, clock, prefix, sourceName } = options;
    this.#ask = new RedisAsk({ redis, clock, deadlineMs: DEADLINE_MS });
    this.#clock = clock;
    this.#log = options.log;
    this.#sourceName = sourceName;
    this.#perMinuteCount = options.perMinuteCount;
    const slot = `${prefix}{budget:${sourceName}}:`;
    this.#keys = ['taken', 'processes', 'tenants', 'shares'].map((name) => `${slot}${name}`);
    this.#beatLater();
  }

  take(wanted: Wanted): Promise<Granted> {
    // Nobody waits for a Redis that did not answer: the beat asks whether it does again.
    return this.#alone ? this.#takeAlone(this.#alone, wanted) : this.#takeShared(wanted);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelBeat();
  }

  async #takeShared(wanted: Wanted): Promise<Granted> {
    const toldCount = this.#untoldCount;
    try {
      const granted = this.#hear(await this.#run(wanted, toldCount));
      this.#untoldCount = Math.max(0, this.#untoldCount - toldCount);
      return granted;
    } catch (error) {
      this.#alone ??= this.#goOnAlone(error);
      return this.#takeAlone(this.#alone, wanted);
    }
  }

  #run({ urgentTenants, pacedCount }: Wanted, toldCount: number): Promise<unknown> {
    const { pacedPerMs, pacedAtOnceCount, reservedCount } = sharesOf(this.#perMinuteCount);
    const hasMet = this.#heard ? 1 : 0;
    return this.#ask.run({
      script: BUDGET_SCRIPT,
      keys: this.#keys,
      args: [
        ...[this.#perMinuteCount, pacedCount, toldCount, hasMet, this.#id],
        ...[pacedPerMs, pacedAtOnceCount, reservedCount, ...urgentTenants],
      ],
    });
  }

  #hear(reply: unknown): Granted {
    const [pacedCount, spentForMs, pacedInMs, processesCount, urgent, counts] = reply as [
      ...[number, number, number, number],
      ...[number[], number[]],
    ];
    this.#heard = { atMs: this.#clock.monotonicMs(), processesCount, counts };
    if (this.#alone)
      this.#log.info(
        { source: this.#sourceName },
        'The budget of the source is shared by all processes again',
      );
    this.#alone = null;
    return { urgent: urgent.map((granted) => granted === 1), pacedCount, spentForMs, pacedInMs };
  }

  #goOnAlone(error: unknown): BudgetWindow {
    const weight = Math.min(this.#perMinuteCount, this.#heard?.processesCount ?? UNMET_PROCESSES_COUNT);
    // A user who may not run a command is told so here and nowhere else.
    this.#log.warn(
      { err: error, source: this.#sourceName },
      `Redis does not keep the budget of the source: this process takes 1/${weight} of it until it does. NOPERM: docs/redis.md has the commands that its user needs`,
    );
    return new BudgetWindow({
      perMinuteCount: this.#perMinuteCount,
      clock: this.#clock,
      weight,
      before: this.#stillTaken(),
    });
  }

  async #takeAlone(alone: BudgetWindow, wanted: Wanted): Promise<Granted> {
    const granted = await alone.take(wanted);
    this.#untoldCount += grantedCountOf(granted);
    return granted;
  }

  /** What was heard last, as old as it is by now. */
  #stillTaken(): CountsByAge {
    if (!this.#heard) return [];
    const passedCount = Math.floor((this.#clock.monotonicMs() - this.#heard.atMs) / SLOT_MS);
    const passed = new Array<number>(Math.min(passedCount, SLOTS_COUNT)).fill(0);
    return [...passed, ...this.#heard.counts].slice(0, SLOTS_COUNT);
  }

  #beatLater(): void {
    if (this.#isClosed) return;
    this.#cancelBeat = this.#clock.after(BEAT_MS, () => {
      void this.#takeShared(NOTHING);
      this.#beatLater();
    });
  }
}

function grantedCountOf({ urgent, pacedCount }: Granted): number {
  return urgent.filter((isGranted) => isGranted).length + pacedCount;
}
