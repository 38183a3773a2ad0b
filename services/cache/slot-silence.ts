import type { Log } from '../log.js';

/** Whether the slot answered the last look; each change of that is logged once. */
export class SlotSilence {
  readonly #log: Log;
  #isSilent = false;

  constructor(log: Log) {
    this.#log = log;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  noteAnswer(): void {
    if (this.#isSilent) this.#log.info({}, 'Redis answers again: the cache proves its entries anew');
    this.#isSilent = false;
  }

  noteFailure(error: unknown): void {
    if (!this.#isSilent)
      this.#log.warn({ err: error }, 'Redis does not answer: the cache goes on with what it knows');
    this.#isSilent = true;
  }
}
