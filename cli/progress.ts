import type { Terminal } from './terminal.js';

/** Where nobody watches, a line is written for each so many percent: a log is not flooded. */
const STEP_PERCENT = 10;

/** How far something long has come, on stderr: one line that changes for a person, a few lines for a log. */
export class Progress {
  readonly #terminal: Pick<Terminal, 'err' | 'overwrite'>;
  #toldPercent = 0;

  constructor(terminal: Pick<Terminal, 'err' | 'overwrite'>) {
    this.#terminal = terminal;
  }

  tell(line: string, { done, total }: { readonly done: number; readonly total: number }): void {
    if (this.#terminal.overwrite) {
      this.#terminal.overwrite(line);
      return;
    }
    const percent = (100 * done) / total;
    if (done === 0 || (percent < this.#toldPercent + STEP_PERCENT && done < total)) return;
    this.#toldPercent = percent;
    this.#terminal.err(line);
  }

  /** Leaves the line free for what is said next. */
  end(): void {
    this.#terminal.overwrite?.('');
    this.#toldPercent = 0;
  }
}
