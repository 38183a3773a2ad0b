import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostNowMs } from '../../helpers/history.js';
import type { StormWorld } from './storm-world.js';

/** One answer of a panel. */
export interface StormRead {
  readonly panel: number;
  readonly sentAtMs: number;
  /** Null: a problem, or no answer. */
  readonly lastRow: number | null;
}

export interface StormViewersOptions {
  readonly world: Pick<StormWorld, 'lastRow'>;
  readonly panelsCount: number;
  readonly viewersCount: number;
  /** Each reads his panel so often, and not all at the same time. */
  readonly everyMs: number;
}

/** People who look at one panel each, until they are sent home. */
export class StormViewers {
  readonly reads: StormRead[] = [];
  readonly #options: StormViewersOptions;
  readonly #leaving = new AbortController();
  readonly #all: Promise<unknown>;

  constructor(options: StormViewersOptions) {
    this.#options = options;
    setMaxListeners(options.viewersCount, this.#leaving.signal);
    const viewers = Array.from({ length: options.viewersCount }, (_empty, viewer) => this.#view(viewer));
    this.#all = Promise.all(viewers);
  }

  /** Resolves when the last has his answer. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#all;
  }

  async #view(viewer: number): Promise<void> {
    const { world, panelsCount, viewersCount, everyMs } = this.#options;
    const panel = viewer % panelsCount;
    let nextAtMs = hostNowMs() + (viewer / viewersCount) * everyMs;
    while (await this.#waits(nextAtMs - hostNowMs())) {
      nextAtMs += everyMs;
      const sentAtMs = hostNowMs();
      this.reads.push({ panel, sentAtMs, lastRow: await world.lastRow(panel) });
    }
  }

  /** False: it is time to go. */
  async #waits(ms: number): Promise<boolean> {
    const { signal } = this.#leaving;
    await sleep(Math.max(0, ms), null, { signal }).catch(() => {});
    return !signal.aborted;
  }
}
