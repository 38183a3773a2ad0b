import type { DashcacheError } from '../../errors.js';
import type { CacheAnswer } from '../cache/answer.js';
import type { Entry } from '../cache/entry.js';
import type { Watch } from '../cache/watches.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService, PanelLook, PanelRequest } from '../dashboard-cache-service.js';
import { errorOf } from '../http/error-of.js';
import type { Log } from '../log.js';
import { contentState, type LiveState, newsOf } from './live-state.js';

/** A key that is read at least so often counts as live, and is refreshed by itself after changes. */
const WANTED_MS = 30_000;
/** What is stale or fails is looked at again after so long, should nobody tell of it. */
const UNSETTLED_MS = 5000;
/** What is kept nowhere costs a query each time: not for every change. */
const UNKEPT_PAUSE_MS = 1000;

export type LiveReads = Pick<DashboardCacheService, 'read' | 'look' | 'watch'>;

export interface LivePanelParts {
  readonly asked: PanelRequest;
  readonly reads: LiveReads;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after `state` has changed. */
  readonly changed: (news: 'panel' | 'freshness') => void;
}

/**
 * One panel that somebody goes on looking at. Reads it like any reader whenever another read may find something else, one read at a
 * time for all who look on, so that it is refreshed within the budget of its source like all that is read.
 */
export class LivePanel {
  readonly #parts: LivePanelParts;
  /** Null until the first read. */
  state: LiveState | null = null;
  #watch: (Watch & { readonly keyHash: string }) | null = null;
  #cancelNext = (): void => {};
  #isReading = false;
  /** What came while a read was under way: something landed, or what was seen ceased to be fresh. */
  #missed: { readonly landed: Entry | null } | null = null;
  #isOver = false;

  constructor(parts: LivePanelParts) {
    this.#parts = parts;
  }

  get asked(): PanelRequest {
    return this.#parts.asked;
  }

  /** Looks now, unless it is looking already. Never rejects. */
  async look(): Promise<void> {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    this.#cancelNext();
    this.#watchKey();
    this.#missed = null;
    try {
      await this.found(await this.#parts.reads.read(this.asked));
    } catch (error) {
      this.failed(errorOf(error));
    } finally {
      this.#isReading = false;
      this.#lookAtMissed();
    }
  }

  /** What a read has found, ours or that of a reader who has come. */
  async found(answer: CacheAnswer): Promise<void> {
    const next = await contentState(answer, this.state);
    if (this.#isOver || this.#isOlder(answer)) return;
    this.#watchKey();
    this.#watch?.saw(answer.entry);
    this.#take(next);
    this.#lookAgainIn(nextLookMs(answer, this.asked, this.#parts.clock.nowMs()));
  }

  failed(error: DashcacheError): void {
    if (this.#isOver) return;
    this.#take({ is: 'problem', error });
    this.#lookAgainIn(UNSETTLED_MS);
  }

  end(): void {
    this.#isOver = true;
    this.#cancelNext();
    this.#watch?.end();
  }

  #take(next: LiveState): void {
    const news = newsOf(this.state, next);
    // The same problem once more is none to tell.
    if (next.is === 'content' || news) this.state = next;
    if (!news) return;
    if (next.is === 'problem') this.#log(next.error);
    this.#parts.changed(news);
  }

  #log({ code, cause, message }: DashcacheError): void {
    const { dashboardId, id } = this.asked.panel;
    this.#parts.log.warn({ code, reason: String(cause ?? '') }, `live ${dashboardId}/${id}: ${message}`);
  }

  /** Reads side by side may end out of order. */
  #isOlder({ entry }: CacheAnswer): boolean {
    return this.state?.is === 'content' && entry.storedAtMs < this.state.answer.entry.storedAtMs;
  }

  #lookAgainIn(delayMs: number): void {
    this.#cancelNext();
    this.#cancelNext = this.#parts.clock.after(delayMs, () => void this.look());
  }

  /** The key changes once it is known which tables the panel reads. */
  #watchKey(): void {
    const look: PanelLook = this.#parts.reads.look(this.asked);
    const { hash } = look.request.key;
    if (this.#watch?.keyHash === hash) return;
    this.#watch?.end();
    const watch = this.#parts.reads.watch(look, (landed) => this.#told(landed));
    this.#watch = { ...watch, keyHash: hash };
  }

  #told(landed: Entry | null): void {
    if (this.#isReading) this.#missed = { landed };
    else if (this.#isUnkept) this.#lookAgainIn(UNKEPT_PAUSE_MS);
    else void this.look();
  }

  /** What landed may be just what the read has found. */
  #lookAtMissed(): void {
    const missed = this.#missed;
    this.#missed = null;
    if (this.#isOver || !missed) return;
    const etag = this.state?.is === 'content' ? this.state.answer.entry.etag : null;
    if (missed.landed?.etag !== etag) this.#told(missed.landed);
  }

  get #isUnkept(): boolean {
    return this.state?.is === 'content' && isUnkept(this.state.answer);
  }
}

function isUnkept({ outcome, keep, stored }: CacheAnswer): boolean {
  return outcome === 'bypass' || keep === false || (outcome === 'miss' && !stored);
}

function nextLookMs(answer: CacheAnswer, { panel }: PanelRequest, nowMs: number): number {
  if (isUnkept(answer)) return Math.max(panel.policy.ttlMs, UNKEPT_PAUSE_MS);
  const freshForMs = answer.staleAtMs - nowMs;
  return freshForMs > 0 ? Math.min(freshForMs + 1, WANTED_MS) : UNSETTLED_MS;
}
