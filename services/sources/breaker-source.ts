import { DashcacheError } from '../../errors.js';
import { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import type { Binds, BindType, Statement } from '../definitions/model.js';
import type { Log } from '../log.js';
import type { CheckedStatement, QueryLimits, Source, SourceResult, SourceState } from './source.js';
import { Suspicion } from './suspicion.js';

/** Told of every query that was not sent, because its source has not answered for a while. */
export interface RefusalObserver {
  sourceRefused(source: string): void;
}

/**
 * A source behind a breaker: while it does not answer, queries fail at once with source_down and say when to come back. One slow
 * question is no reason to refuse others: what is known of it alone is held against it alone (docs/decisions/009).
 */
export class BreakerSource implements Source {
  readonly #source: Source;
  readonly #observer: RefusalObserver;
  readonly #breaker: Breaker;
  readonly #suspicion = new Suspicion();

  constructor(
    source: Source,
    { clock, log, observer }: { clock: Clock; log: Log; observer: RefusalObserver },
  ) {
    this.#source = source;
    this.#observer = observer;
    this.#breaker = new Breaker({
      clock,
      moved: (isOpen) => {
        const { name } = source;
        if (isOpen)
          log.warn({ source: name }, 'A source does not answer: it is asked once a second until it does');
        else log.info({ source: name }, 'A source answers again');
      },
    });
  }

  get name(): Source['name'] {
    return this.#source.name;
  }

  get kind(): Source['kind'] {
    return this.#source.kind;
  }

  get budget(): Source['budget'] {
    return this.#source.budget;
  }

  get isOpen(): boolean {
    return this.#breaker.isOpen;
  }

  /** Not held up: definitions are checked once, and what is refused here would count as a fault of theirs. */
  check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement> {
    return this.#source.check(statement, types);
  }

  async query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    const question = { statement, binds };
    const passage = this.#breaker.enter();
    if (!passage && !this.#suspicion.spares(question)) throw this.#refusal();
    try {
      const result = await this.#source.query(statement, binds, limits);
      this.#suspicion.end();
      if (passage) passage.answered();
      // Nobody held anything against it, and it was right.
      else this.#breaker.answered();
      return result;
    } catch (error) {
      const verdict = verdictOn(error);
      if (verdict === 'failed') this.#suspicion.grow(question, error);
      if (verdict === 'answered') this.#suspicion.end();
      passage?.[verdict]();
      throw error;
    }
  }

  async schemaSignature(): Promise<string | null> {
    return (await this.#source.schemaSignature?.()) ?? null;
  }

  onTablesChanged(listener: (tables: readonly string[]) => void): void {
    this.#source.onTablesChanged(listener);
  }

  state(): SourceState {
    const state = this.#source.state();
    if (!state.ok || !this.isOpen) return state;
    return { ok: false, detail: 'It did not answer five times in a row' };
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #refusal(): DashcacheError {
    this.#observer.sourceRefused(this.name);
    const retryAfterSeconds = Math.max(1, Math.ceil(this.#breaker.probeInMs / 1000));
    return new DashcacheError('source_down', {
      detail: 'The data source has not answered for a while, so it is not asked now. Try again later.',
      retryAfterSeconds,
    });
  }
}

/** A wrong answer is an answer, a sign of life; one that has too much to do must not be counted as dead for it. */
function verdictOn(error: unknown): 'answered' | 'failed' | 'withdrawn' {
  const code = error instanceof DashcacheError ? error.code : null;
  if (code === 'source_down' || code === 'source_deadline') return 'failed';
  return code === 'source_wrong_answer' ? 'answered' : 'withdrawn';
}
