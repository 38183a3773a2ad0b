import { DashcacheProblem, problemOf } from './dashcache-problem.js';
import { eventsOf, type StreamEvent } from './event-stream.js';
import { pause } from './pause.js';
import type { PanelBody, PanelIds, ProblemBody } from './shapes.js';
import type { Transport } from './transport.js';

/** How a panel stood to its source when the event was sent. */
export interface LiveFreshness {
  readonly outcome: string;
  readonly age: number;
  readonly ttl: number;
  readonly layer: string;
  readonly stale_at: string;
}

export type LivePanel<D, I extends keyof D> = {
  readonly [P in PanelIds<D, I>]: {
    readonly panel: P;
    readonly etag: string;
    readonly freshness: LiveFreshness;
    readonly body: PanelBody<D, I, P>;
  };
}[PanelIds<D, I>];

/** `waiting`: cut off, and connecting again after `delayMs`. `closed`: for good, with what ended it unless you did. */
export type LiveState =
  | { readonly is: 'connecting' | 'open' }
  | { readonly is: 'waiting'; readonly delayMs: number; readonly reason: string }
  | { readonly is: 'closed'; readonly problem: DashcacheProblem | null };

export interface LiveHandlers<D, I extends keyof D> {
  /** The content of a panel, first and whenever it changed. */
  onPanel(panel: LivePanel<D, I>): void;
  /** A panel has no content, and why. */
  onProblem?(failed: { readonly panel: PanelIds<D, I>; readonly problem: ProblemBody }): void;
  /** The content is as it was, but it was renewed or became stale. */
  onFreshness?(told: { readonly panel: PanelIds<D, I>; readonly freshness: LiveFreshness }): void;
  onState?(state: LiveState): void;
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** The service sends a heartbeat every 15 s: a connection on which nothing came for so long is dead. */
const SILENCE_MS = 45_000;
/** Problems that a new try may end; others are the caller's own. */
const PASSING = new Set([401, 408, 425, 429, 500, 502, 503, 504]);
/** With a credential that is refused again and again nobody goes on. */
const REFUSALS_MAX_COUNT = 3;

/** One subscription: connects, and connects again wherever it was cut off, until it is ended. */
export class LiveSubscription<D, I extends keyof D> {
  readonly #transport: Transport;
  readonly #path: string;
  readonly #handlers: LiveHandlers<D, I>;
  readonly #end = new AbortController();
  #lastId: string | null = null;
  #failuresCount = 0;
  #refusalsCount = 0;
  #retryMs = FIRST_DELAY_MS;

  constructor(transport: Transport, path: string, handlers: LiveHandlers<D, I>) {
    this.#transport = transport;
    this.#path = path;
    this.#handlers = handlers;
  }

  end(): void {
    this.#end.abort();
  }

  /** Resolves when it has ended. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#handlers;
    const end = () => this.end();
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    let problem: DashcacheProblem | null = null;
    try {
      while (!this.#end.signal.aborted) await this.#connectAndWait();
    } catch (error) {
      if (error instanceof DashcacheProblem) problem = error;
      else if (!this.#end.signal.aborted) throw error;
    } finally {
      signal?.removeEventListener('abort', end);
      this.#end.abort();
      this.#tell({ is: 'closed', problem });
    }
  }

  async #connectAndWait(): Promise<void> {
    const { reason, afterMs } = await this.#connect();
    if (this.#end.signal.aborted) return;
    const delayMs = Math.max(afterMs, this.#backOffMs());
    this.#tell({ is: 'waiting', delayMs, reason });
    await pause(delayMs, this.#end.signal);
  }

  /** Why the connection ended, and how long the service wants to be left alone. Rejects with a problem that will not pass. */
  async #connect(): Promise<{ reason: string; afterMs: number }> {
    this.#tell({ is: 'connecting' });
    const connection = new AbortController();
    const abort = () => connection.abort();
    this.#end.signal.addEventListener('abort', abort, { once: true });
    const watchdog = new Watchdog(abort);
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(this.#lastId !== null && { 'last-event-id': this.#lastId }),
      };
      const response = await this.#transport.send(this.#path, { headers, signal: connection.signal });
      if (!response.ok || !response.body) return this.#refused(await problemOf(response));
      this.#refusalsCount = 0;
      this.#tell({ is: 'open' });
      return { reason: await this.#follow(watchdog.watched(response.body)), afterMs: 0 };
    } catch (error) {
      if (error instanceof DashcacheProblem) throw error;
      this.#failuresCount++;
      return { reason: watchdog.hasBarked ? 'silence' : String(error), afterMs: 0 };
    } finally {
      watchdog.end();
      this.#end.signal.removeEventListener('abort', abort);
      connection.abort();
    }
  }

  #refused(problem: DashcacheProblem): { reason: string; afterMs: number } {
    this.#failuresCount++;
    if (problem.status === 401) this.#refusalsCount++;
    if (!PASSING.has(problem.status) || this.#refusalsCount >= REFUSALS_MAX_COUNT) throw problem;
    return { reason: problem.code, afterMs: (problem.retryAfter ?? 0) * 1000 };
  }

  async #follow(body: ReadableStream<Uint8Array>): Promise<string> {
    const events = eventsOf(body, (delayMs) => {
      this.#retryMs = delayMs;
    });
    for await (const event of events) {
      if (this.#end.signal.aborted) return 'ended';
      this.#failuresCount = 0;
      if (event.event === 'end') return (JSON.parse(event.data) as { reason: string }).reason;
      this.#take(event);
    }
    return 'cut';
  }

  #take({ event, id, data }: StreamEvent): void {
    const { onPanel, onProblem, onFreshness } = this.#handlers;
    if (event === 'panel') onPanel(JSON.parse(data));
    else if (event === 'problem') onProblem?.(JSON.parse(data));
    else if (event === 'freshness') onFreshness?.(JSON.parse(data));
    // After it was taken: what a handler threw at would else be lost.
    if (id !== null) this.#lastId = id;
  }

  /** Longer after each failure; by chance between half and all of it, so that those who were cut off together come back apart. */
  #backOffMs(): number {
    const fullMs = Math.min(LONGEST_DELAY_MS, this.#retryMs * 2 ** Math.min(this.#failuresCount, 10));
    return fullMs * (0.5 + Math.random() / 2);
  }

  #tell(state: LiveState): void {
    this.#handlers.onState?.(state);
  }
}

/** Ends a connection on which nothing comes any more, not even a heartbeat. */
class Watchdog {
  hasBarked = false;
  readonly #bark: () => void;
  #timer: ReturnType<typeof setTimeout>;

  constructor(bark: () => void) {
    this.#bark = () => {
      this.hasBarked = true;
      bark();
    };
    this.#timer = setTimeout(this.#bark, SILENCE_MS);
  }

  watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const noted = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(this.#bark, SILENCE_MS);
        controller.enqueue(chunk);
      },
    });
    return body.pipeThrough(noted);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
