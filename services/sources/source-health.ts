import type { DashcacheError, ErrorCode } from '../../errors.js';
import type { SourceState } from './source.js';

/** Failures that say the source is away; one that answers wrongly, or has too much to do, is there. */
const AWAY: ReadonlySet<ErrorCode> = new Set(['source_down', 'source_deadline']);

/** Whether a source is there, as far as its latest answers tell: nobody asks it only to know. */
export class SourceHealth {
  #state: SourceState = { ok: true, detail: null };

  get state(): SourceState {
    return this.#state;
  }

  answered(): void {
    this.#state = { ok: true, detail: null };
  }

  failed(error: DashcacheError): void {
    if (AWAY.has(error.code)) this.#state = { ok: false, detail: reasonOf(error) };
    // An answer, if a wrong one, is a sign of life.
    else this.answered();
  }

  closed(): void {
    this.#state = { ok: false, detail: 'It is closed' };
  }
}

function reasonOf({ code, cause }: DashcacheError): string {
  if (code === 'source_deadline') return 'It did not answer in time';
  // Of several addresses each has an error of its own.
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? first.message : 'It cannot be reached';
}
