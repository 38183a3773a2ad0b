import type { Clock } from '../../clock.js';
import type { ChangeListener, TableChange } from '../change-feed.js';
import { GatheredChanges } from '../gathered-changes.js';
import { pause } from '../pause.js';
import { untilTaken } from '../until-taken.js';
import type { CommittedTransaction } from './transaction-reader.js';

/** What commits while a telling runs, and shortly after one, is told with the next. */
const WINDOW_MS = 50;
/** So long the server keeps its log for a listener who does not take; then the slot is given up, which is a gap. */
export const HELD_MAX_MS = 60_000;
/** Beyond so many transactions that wait nothing more is read. */
const WAITING_MAX_COUNT = 5000;

export interface TellerOptions {
  readonly listener: Pick<ChangeListener, 'changed'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Resolves when everybody sees them. */
  readonly visible: (xids: readonly number[]) => Promise<void>;
  /** They have been told, all before them too. */
  readonly told: (transactions: readonly CommittedTransaction[]) => void;
}

/** Tells transactions in the order of their commits, gathered in windows, one telling at a time. */
export class Teller {
  /** Rejects when something cannot be told; never resolves. */
  readonly failed: Promise<never>;
  readonly #options: TellerOptions;
  readonly #gathered = new GatheredChanges();
  #waiting: CommittedTransaction[] = [];
  #isTelling = false;
  #fail: (reason: unknown) => void = () => {};

  constructor(options: TellerOptions) {
    this.#options = options;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
  }

  get isFull(): boolean {
    return this.#waiting.length >= WAITING_MAX_COUNT;
  }

  add(transaction: CommittedTransaction): void {
    this.#waiting.push(transaction);
    this.touch(transaction.changes);
  }

  /** Changes that no transaction of the stream brought. */
  touch(changes: readonly TableChange[]): void {
    for (const change of changes) this.#gathered.add(change);
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#tellAll().catch((error: unknown) => this.#fail(error));
  }

  async #tellAll(): Promise<void> {
    const { clock, signal } = this.#options;
    try {
      while ((this.#waiting.length > 0 || !this.#gathered.isEmpty) && !signal.aborted) {
        await this.#tell();
        await pause(WINDOW_MS, { clock, signal });
      }
    } finally {
      // In the same step as the last look at what waits: whatever comes next begins a telling of its own.
      this.#isTelling = false;
    }
  }

  async #tell(): Promise<void> {
    const { listener, visible, told, clock, signal } = this.#options;
    const transactions = this.#waiting;
    this.#waiting = [];
    const changes = this.#gathered.take();
    // A transaction without changes tells how far we are: what it promises must be visible too.
    await visible(transactions.map(({ xid }) => xid));
    if (changes.length > 0)
      await untilTaken(() => listener.changed(changes), { clock, signal, withinMs: HELD_MAX_MS });
    if (!signal.aborted) told(transactions);
  }
}
