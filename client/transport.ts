import { problemOf } from './dashcache-problem.js';
import { type Freshness, freshnessOf } from './freshness.js';
import { KeptBodies } from './kept-bodies.js';
import { pause } from './pause.js';
import type { RequestOptions } from './shapes.js';

export interface TransportOptions {
  /** Address of the service, with its BASE_PATH. */
  readonly baseUrl: string;
  /** A JWT, or what gives one; asked again after a 401. */
  readonly token?: string | (() => string | Promise<string>);
  readonly apiKey?: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** How often a 503 that says when to try again is tried again. Default: 0. */
  readonly retries?: number;
  /** Bodies that are kept for conditional requests. Default: 100. */
  readonly keepCount?: number;
}

/** A body, and how it stands to its source. */
export interface Answer<T> {
  readonly body: T;
  readonly freshness: Freshness;
  /** Whether it is the very object of the answer before. */
  readonly isSame: boolean;
}

/** Longer than this nobody waits for a new try. */
const RETRY_MAX_SECONDS = 30;
const KEEP_COUNT = 100;

/** Asks one service, as one caller. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #base: string;
  readonly #kept: KeptBodies;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#base = options.baseUrl.replace(/\/+$/, '');
    this.#kept = new KeptBodies(options.keepCount ?? KEEP_COUNT);
  }

  /** Rejects with DashcacheProblem, or with what fetch rejects with. */
  async read<T>(path: string, { signal }: RequestOptions): Promise<Answer<T>> {
    const kept = this.#kept.get(path);
    const headers = { accept: 'application/json', ...(kept && { 'if-none-match': kept.etag }) };
    const response = await this.#asked(path, { headers, signal });
    const freshness = freshnessOf(response.headers);
    if (response.status === 304 && kept) return { body: kept.body as T, freshness, isSame: true };
    if (!response.ok) throw await problemOf(response);
    const body = (await response.json()) as T;
    const etag = response.headers.get('etag');
    if (etag !== null) this.#kept.keep(path, { etag, body });
    return { body, freshness, isSame: false };
  }

  /** A request as this caller; after a 401 once more, with a new token. */
  async send(path: string, init: RequestInit): Promise<Response> {
    const { fetch: ask = globalThis.fetch, token } = this.#options;
    const once = async () =>
      ask(this.#base + path, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), ...(await this.#credential()) },
      });
    const response = await once();
    if (response.status !== 401 || typeof token !== 'function') return response;
    await response.body?.cancel();
    return once();
  }

  async #asked(path: string, init: { headers: object; signal: AbortSignal | undefined }): Promise<Response> {
    const { signal, headers } = init;
    const asked: RequestInit = { headers: headers as Record<string, string>, ...(signal && { signal }) };
    for (let tries = 0; ; tries++) {
      const response = await this.send(path, asked);
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      const mayTryAgain = response.status === 503 && tries < (this.#options.retries ?? 0);
      if (!mayTryAgain || !(seconds <= RETRY_MAX_SECONDS)) return response;
      await response.body?.cancel();
      await pause(seconds * 1000, signal);
    }
  }

  async #credential(): Promise<Record<string, string>> {
    const { token, apiKey } = this.#options;
    const given = typeof token === 'function' ? await token() : token;
    return {
      ...(given !== undefined && { authorization: `Bearer ${given}` }),
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    };
  }
}

/** The query of these params; what is undefined is left out. */
export function queryOf(params: object | undefined): string {
  const given = Object.entries(params ?? {}).filter(([, value]) => value !== undefined && value !== null);
  // In one order: the same question has one address here.
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  const query = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return query === '' ? '' : `?${query}`;
}
