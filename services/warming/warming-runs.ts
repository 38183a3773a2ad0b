import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { RunMarks } from './run-marks.js';
import { RUN_HELD_MS } from './run-marks.js';
import type { WarmingRun } from './warming-run.js';

/** Three words in the time in which one is enough. */
const BEAT_MS = RUN_HELD_MS / 3;
/** How soon a run is looked at again that another process does, or that Redis says nothing of. */
const LOOK_AGAIN_MS = 1000;
/** A run that nobody could begin or end for so long has lost its sense. */
const WAITED_FOR_MS = 15 * 60_000;
const WAITING_MAX_COUNT = 1000;

export interface WarmingRunsParts {
  readonly marks: RunMarks;
  /** Never rejects. Ends soon once `signal` aborts. */
  readonly warm: (run: WarmingRun, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly run: WarmingRun;
  readonly askedAtMs: number;
}

/**
 * The warmings that this process would do, one after the other. What another process does is waited for, so that somebody goes on where
 * it dies; what is done is let go.
 */
export class WarmingRuns {
  readonly #parts: WarmingRunsParts;
  readonly #waiting = new Map<string, Waiting>();
  readonly #stopping = new AbortController();
  #working: Promise<void> | null = null;
  /** What this process does now. */
  #heldId: string | null = null;
  #cancelLook = (): void => {};

  constructor(parts: WarmingRunsParts) {
    this.#parts = parts;
  }

  ask(run: WarmingRun): void {
    if (this.#stopping.signal.aborted || this.#waiting.size >= WAITING_MAX_COUNT) return;
    if (!this.#waiting.has(run.id))
      this.#waiting.set(run.id, { run, askedAtMs: this.#parts.clock.monotonicMs() });
    this.#goOn();
  }

  /** How many are under way or waited for. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Gives up what is under way, for another process to go on with. Loads that have begun go on to their end; nobody waits for them. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#cancelLook();
    this.#waiting.clear();
    const id = this.#heldId;
    if (id !== null) await this.#parts.marks.giveBack(id).catch(() => {});
  }

  #goOn(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      if (this.#waiting.size === 0 || this.#stopping.signal.aborted) return;
      this.#cancelLook = this.#parts.clock.after(LOOK_AGAIN_MS, () => this.#goOn());
    });
  }

  /** Each of those that wait, once. */
  async #work(): Promise<void> {
    this.#cancelLook();
    const { clock, log } = this.#parts;
    // Those that are asked for meanwhile come as well: a Map goes on to its end.
    for (const [id, { run, askedAtMs }] of this.#waiting) {
      if (this.#stopping.signal.aborted) return;
      if (await this.#isOver(run)) this.#waiting.delete(id);
      else if (clock.monotonicMs() - askedAtMs > WAITED_FOR_MS) {
        this.#waiting.delete(id);
        log.warn(
          { run: id },
          `The warming of ${run.dashboardId} is given up: Redis does not say whether it is done`,
        );
      }
    }
  }

  async #isOver(run: WarmingRun): Promise<boolean> {
    const standing = await this.#parts.marks.take(run.id).catch(() => 'held' as const);
    if (standing !== 'taken') return standing === 'done';
    return this.#do(run);
  }

  /** False: another process has taken it, because this one was silent for too long. */
  async #do(run: WarmingRun): Promise<boolean> {
    const { marks, warm } = this.#parts;
    const lost = new AbortController();
    this.#heldId = run.id;
    const endBeats = this.#beats(run, lost);
    await warm(run, AbortSignal.any([this.#stopping.signal, lost.signal]));
    endBeats();
    this.#heldId = null;
    if (lost.signal.aborted) return false;
    if (!this.#stopping.signal.aborted) await marks.finish(run.id).catch(() => {});
    return true;
  }

  /** Says again and again that it is still this process that does it, until that is ended. */
  #beats(run: WarmingRun, lost: AbortController): () => void {
    const { marks, clock } = this.#parts;
    let isOver = false;
    let cancel = (): void => {};
    const beat = async () => {
      // Redis may be away: two that load are no harm, for each key is still loaded once.
      const isOurs = await marks.keep(run.id).catch(() => true);
      if (!isOurs) lost.abort();
      else if (!isOver) cancel = clock.after(BEAT_MS, beat);
    };
    cancel = clock.after(BEAT_MS, beat);
    return () => {
      isOver = true;
      cancel();
    };
  }
}
