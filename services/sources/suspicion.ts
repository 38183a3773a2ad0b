import { DashcacheError } from '../../errors.js';
import type { Binds, Statement } from '../definitions/model.js';

export interface Question {
  readonly statement: Statement;
  readonly binds: Binds;
}

/**
 * Whom the failures since the last answer speak against. A source that cannot be reached fails for everybody; a deadline that
 * passes for one and the same question again and again may be that question's alone.
 */
export class Suspicion {
  #of: 'nobody' | 'everybody' | { readonly question: string } = 'nobody';

  /** Whether nothing that happened speaks against this question: only another one has failed. */
  spares(question: Question): boolean {
    return typeof this.#of === 'object' && this.#of.question !== textOf(question);
  }

  /** A question was not answered. */
  grow(question: Question, error: unknown): void {
    const isLate = error instanceof DashcacheError && error.code === 'source_deadline';
    if (!isLate) this.#of = 'everybody';
    else if (this.#of === 'nobody') this.#of = { question: textOf(question) };
    else if (this.spares(question)) this.#of = 'everybody';
  }

  /** A question was answered. */
  end(): void {
    this.#of = 'nobody';
  }
}

function textOf({ statement, binds }: Question): string {
  return JSON.stringify([statement.text, [...binds]]);
}
