import type { Pool } from 'undici';
import { DashcacheError } from '../../../errors.js';
import type { Clock } from '../../clock.js';
import type { Binds, BindType, RequestTemplate, Statement } from '../../definitions/model.js';
import type { HttpSourceDefinition } from '../../definitions/source-definitions.js';
import type { Log } from '../../log.js';
import { declaredType } from '../bind-of.js';
import { abortError, QueryRuns } from '../query-runs.js';
import {
  type CheckedStatement,
  type QueryLimits,
  type Source,
  type SourceObserver,
  type SourceResult,
  type SourceState,
  StatementRejected,
} from '../source.js';
import { SourceHealth } from '../source-health.js';
import { type AnswerHead, headError, headerOf, isNoStore } from './answer-head.js';
import { endpointPool, type Resolve } from './endpoint-pool.js';
import { bodyError, hasReached, requestError, wrongAnswer } from './http-fault.js';
import { jsonRows } from './json-rows.js';
import { ACCEPTED_CODINGS, readBody } from './read-body.js';
import {
  conditionHeaders,
  confirms,
  type RememberedAnswer,
  RememberedAnswers,
  validatorsOf,
} from './remembered-answers.js';
import { requestTarget } from './request-target.js';

/** What answers may take that wait to be confirmed, for each source. */
const REMEMBERED_MAX_BYTES = 16 * 1024 * 1024;

export interface HttpSourceOptions {
  readonly observer: SourceObserver;
  readonly log: Log;
  readonly clock: Clock;
  /** The addresses of a name; by default as the system knows them. */
  readonly resolve?: Resolve;
}

/** Opens an HTTP source. Nothing is asked before the first query: an endpoint that is away says so in its state then. */
export function openHttpSource(definition: HttpSourceDefinition, options: HttpSourceOptions): Source {
  return new HttpSource(definition, options);
}

/** One request: where, what is wanted of the answer, and how the log names it, without values. */
interface Asked {
  readonly target: string;
  readonly name: string;
  readonly request: RequestTemplate;
  readonly limits: QueryLimits;
}

type Unkept = Omit<RememberedAnswer, 'validators'> & Partial<Pick<RememberedAnswer, 'validators'>>;

class HttpSource implements Source {
  readonly kind = 'http';
  readonly name: string;
  readonly #options: HttpSourceOptions;
  readonly #basePath: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #runs: QueryRuns;
  readonly #pool: Pool;
  readonly #health = new SourceHealth();
  readonly #remembered = new RememberedAnswers(REMEMBERED_MAX_BYTES);
  #closed: Promise<void> | null = null;

  constructor(definition: HttpSourceDefinition, options: HttpSourceOptions) {
    const { origin, pathname } = new URL(definition.url);
    const { name, concurrencyCount } = definition;
    this.name = name;
    this.#options = options;
    this.#basePath = pathname.replace(/\/+$/, '');
    this.#headers = {
      accept: 'application/json',
      'user-agent': 'dashcache',
      ...Object.fromEntries(definition.headers),
      'accept-encoding': ACCEPTED_CODINGS,
    };
    this.#runs = new QueryRuns({ ...options, name, concurrencyCount });
    const { resolve } = options;
    this.#pool = endpointPool(origin, { connectionsCount: concurrencyCount, ...(resolve && { resolve }) });
  }

  /** By the statement alone: what an endpoint answers, and from which tables, is not to be known without asking it. */
  async check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement> {
    if (!statement.request) throw new StatementRejected('an HTTP source is asked by a path, not by SQL', 0);
    for (const name of statement.names) declaredType(statement, types, name);
    return { columns: null, tables: [], verdict: 'unknown' };
  }

  async query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    const { request } = statement;
    if (!request) throw wrongAnswer('The query of this panel is SQL, and its source is no database.');
    const target = this.#basePath + requestTarget(request, binds);
    const name = `GET ${statement.text}`;
    return this.#runs.run(limits, (held) => this.#run({ target, request, name, limits: held }));
  }

  /** Nobody tells of changes: ttl and invalidations renew. */
  onTablesChanged(): void {}

  state(): SourceState {
    return this.#health.state;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const error = this.#runs.close();
    await this.#pool.destroy(error);
    this.#health.closed();
  }

  async #run(asked: Asked): Promise<SourceResult> {
    const known = this.#renewable(asked);
    // A 304 about another answer than ours confirms nothing: then all of it is wanted.
    return (await this.#ask(asked, known)) ?? (await this.#ask(asked, null)) ?? neverHere();
  }

  /** The answer that the endpoint may confirm, unless it is more than this panel accepts. */
  #renewable({ limits, ...asked }: Asked): RememberedAnswer | null {
    const known = this.#remembered.get(keyOf(asked));
    const fits =
      known && known.bodyBytes <= limits.maxBytes && known.result.rows.length <= limits.maxRowsCount;
    return fits ? known : null;
  }

  /** Null when what is known was not confirmed and not replaced either. */
  async #ask(asked: Asked, known: RememberedAnswer | null): Promise<SourceResult | null> {
    const { signal } = asked.limits;
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    let failed = true;
    let reached = true;
    try {
      const result = await this.#exchange(asked, known);
      failed = false;
      this.#health.answered();
      return result;
    } catch (error) {
      const fault = signal.aborted ? abortError(signal) : bodyError(error);
      // Aborted for another reason than its slowness, it has said nothing of the endpoint.
      if (!signal.aborted || fault.code === 'source_deadline') this.#health.failed(fault);
      reached = hasReached(fault);
      throw fault;
    } finally {
      if (reached) this.#runs.tell(clock.monotonicMs() - startMs, failed);
    }
  }

  async #exchange(asked: Asked, known: RememberedAnswer | null): Promise<SourceResult | null> {
    const { target: path, limits } = asked;
    const headers = { ...this.#headers, ...(known && conditionHeaders(known.validators)) };
    const answer = await this.#pool
      .request({ method: 'GET', path, headers, signal: limits.signal })
      .catch((error: unknown) => {
        throw requestError(error);
      });
    const { body } = answer;
    // A body that is given up ends with an error that nobody waits for.
    body.on('error', () => {});
    const head: AnswerHead = { status: answer.statusCode, headers: answer.headers };
    if (known && head.status === 304) {
      await body.dump({ limit: 0, signal: limits.signal });
      return this.#confirmed(asked, known, head);
    }
    const error = headError(head, asked.name, this.#options.clock.nowMs());
    if (error) {
      body.destroy();
      throw error;
    }
    const text = await readBody(body, headerOf(head, 'content-encoding'), limits.maxBytes);
    return this.#replaced(asked, head, {
      result: jsonRows(text, asked.request, limits),
      bodyBytes: Buffer.byteLength(text),
    });
  }

  #confirmed(asked: Asked, known: RememberedAnswer, head: AnswerHead): SourceResult | null {
    const key = keyOf(asked);
    if (!confirms(head, known.validators)) {
      this.#remembered.forget(key);
      return null;
    }
    return this.#replaced(asked, head, known);
  }

  /** Keeps an answer to be confirmed later, where the endpoint gives something to confirm it by and allows to keep it. */
  #replaced(asked: Asked, head: AnswerHead, answer: Unkept): SourceResult {
    const key = keyOf(asked);
    const { result, bodyBytes } = answer;
    const validators = validatorsOf(head, answer.validators);
    if (isNoStore(head)) {
      this.#remembered.forget(key);
      return { ...result, keep: false };
    }
    if (validators) this.#remembered.remember(key, { validators, result, bodyBytes });
    else this.#remembered.forget(key);
    return result;
  }
}

/** Panels that want the same part of the same answer share what is remembered of it. */
function keyOf({ target, request }: Pick<Asked, 'target' | 'request'>): string {
  return JSON.stringify([target, request.pointer, request.gives]);
}

function neverHere(): never {
  throw new DashcacheError('internal', {
    cause: new Error('An unconditional request was answered by nothing'),
  });
}
