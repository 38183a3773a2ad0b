import type { Clock } from '../clock.js';
import { ChangeRhythm } from './change-rhythm.js';
import type { Outlook } from './inspection.js';
import type { RecentReads } from './recent-reads.js';
import { RefreshPace } from './refresh-pace.js';
import type { CacheRequest } from './request.js';

/** So many loads at once: the readers of what is not at hand at all must get at the source too. */
const AT_ONCE_COUNT = 4;
/** Of the last ones after changes that have ended. */
const SETTLING_AT_ONCE_COUNT = 16;
/** A key that nobody has read for so long is not refreshed by itself: its next reader asks for it. */
const READ_WITHIN_MS = 60_000;
/** Whoever wants more than that to wait is not heard: the next reader asks again. */
const DUE_MAX_COUNT = 4000;

/** What a refresh came to. later: it was not its turn; away: nothing can be proven, there is no use in going on. */
export type Refreshed = 'changed' | 'equal' | 'needless' | 'failed' | 'later' | 'away';

export interface RefreshHow {
  /** A reader asked for it: also while nothing can be proven. */
  readonly isForReader: boolean;
  /** The last one after changes that have ended. */
  readonly settles: boolean;
}

export interface RefresherParts {
  readonly reads: RecentReads;
  readonly clock: Clock;
  readonly upkeep: {
    /** When what is kept of it will be too old (wall clock); null: it is fresh, or should not be loaded now. */
    tooOldAtMs(request: CacheRequest): number | null;
    /** Sees to it that something fresh is kept. Never rejects. */
    refresh(request: CacheRequest, how: RefreshHow): Promise<Refreshed>;
  };
}

interface Due {
  readonly request: CacheRequest;
  readonly why: 'reader' | 'change' | 'loss';
}

/**
 * Loads anew what is stale or can no longer be proven: each key once at a time, what will be too old first and of that the hottest,
 * a few at once. Only what live readers have asked for of late; its own loads are no use.
 */
export class Refresher {
  readonly #parts: RefresherParts;
  readonly #pace: RefreshPace;
  readonly #rhythm: ChangeRhythm;
  /** In the order in which they are refreshed. */
  #due = new Map<string, Due>();
  readonly #running = new Map<string, Promise<void>>();
  /** Null while changes come; else those that were refreshed since they ended, whatever their pace. */
  #settled: Set<string> | null = null;
  #cancelWake = (): void => {};
  #isOver = false;

  constructor(parts: RefresherParts) {
    this.#parts = parts;
    this.#pace = new RefreshPace(parts.clock);
    const gather = () => this.#gather();
    this.#rhythm = new ChangeRhythm({ clock: parts.clock, gather, settle: () => this.#settle() });
  }

  /** What was kept may have become stale. */
  changed(): void {
    if (this.#isOver || this.#parts.reads.isEmpty) return;
    this.#settled = null;
    this.#rhythm.changed();
  }

  /** Nothing that is kept can be proven: all that is live is loaded anew. */
  lost(): void {
    for (const request of this.#parts.reads.hottestFirst())
      this.#due.set(request.key.hash, { request, why: 'loss' });
    this.#goOn();
  }

  /** A reader was served what is stale. Without a limit on loads it begins at once, unless it was refreshed just now. */
  want(request: CacheRequest): void {
    const { hash } = request.key;
    if (this.#isOver || this.#running.has(hash)) return;
    if (!request.admit && this.#opensInMs(hash) === 0) {
      this.#due.delete(hash);
      this.#begin({ request, why: 'reader' });
      return;
    }
    this.wantLater(request);
  }

  /** The same, after what is hotter. */
  wantLater(request: CacheRequest): void {
    const { hash } = request.key;
    if (this.#running.has(hash) || this.#due.has(hash) || this.#due.size >= DUE_MAX_COUNT) return;
    this.#due.set(hash, { request, why: 'reader' });
    this.#goOn();
  }

  /** What is going on for a key; `inMs` is how soon what waits may begin, were it its turn. */
  outlookOf(request: CacheRequest): Omit<Outlook, 'overdueAtMs'> {
    const { hash } = request.key;
    const isLive = this.#parts.reads.isLive(request, READ_WITHIN_MS);
    if (this.#running.has(hash)) return { is: 'running', inMs: 0, isLive };
    const due = this.#due.get(hash);
    if (!due) return { is: 'none', inMs: 0, isLive };
    return { is: 'waiting', inMs: due.why === 'loss' ? 0 : this.#opensInMs(hash), isLive };
  }

  /** Resolves when no refresh is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  end(): void {
    this.#isOver = true;
    this.#rhythm.end();
    this.#cancelWake();
    this.#due.clear();
  }

  #settle(): void {
    this.#settled = new Set();
    this.#gather();
  }

  /** Everything live that is stale, the one that will be too old first at the head; the hottest of equals. */
  #gather(): void {
    const { reads, upkeep } = this.#parts;
    const lost = [...this.#due].filter(([, { why }]) => why === 'loss');
    const stale = reads.hottestFirst(READ_WITHIN_MS).flatMap((request) => {
      const atMs = this.#running.has(request.key.hash) ? null : upkeep.tooOldAtMs(request);
      return atMs === null ? [] : [{ request, atMs }];
    });
    stale.sort((a, b) => a.atMs - b.atMs);
    const changed = stale.map(({ request }): [string, Due] => [request.key.hash, { request, why: 'change' }]);
    const wanted = [...this.#due].filter(([, { why }]) => why === 'reader');
    this.#due = new Map([...lost, ...changed, ...wanted]);
    this.#goOn();
  }

  #goOn(): void {
    const atOnceCount = this.#settled ? SETTLING_AT_ONCE_COUNT : AT_ONCE_COUNT;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const [hash, due] of this.#due) {
      if (this.#isOver || this.#running.size >= atOnceCount) return;
      const inMs = due.why === 'loss' ? 0 : this.#opensInMs(hash);
      if (inMs > 0) {
        soonestMs = Math.min(soonestMs, inMs);
        continue;
      }
      this.#due.delete(hash);
      this.#begin(due);
    }
    this.#cancelWake();
    if (this.#due.size > 0) this.#cancelWake = this.#parts.clock.after(soonestMs, () => this.#goOn());
  }

  #opensInMs(hash: string): number {
    // What was put off has its short pace, or a queue that is full would be asked without end.
    return this.#settled?.has(hash) === false && !this.#pace.isDeferred(hash)
      ? 0
      : this.#pace.opensInMs(hash);
  }

  #begin(due: Due): void {
    const { request, why } = due;
    const { hash } = request.key;
    const settles = this.#settled?.add(hash) !== undefined;
    this.#pace.begun(hash);
    const refreshing = this.#parts.upkeep.refresh(request, { isForReader: why === 'reader', settles });
    this.#running.set(
      hash,
      refreshing.then((refreshed) => {
        this.#running.delete(hash);
        if (!this.#isOver) this.#end(due, refreshed);
      }),
    );
  }

  #end(due: Due, refreshed: Refreshed): void {
    const { request } = due;
    const { hash } = request.key;
    if (refreshed === 'changed' || refreshed === 'equal')
      this.#pace.ended(hash, { isEqual: refreshed === 'equal', policy: request.policy });
    if (refreshed === 'later' || refreshed === 'needless') {
      this.#pace.deferred(hash);
      this.#settled?.delete(hash);
    }
    if (refreshed === 'away') this.#due.clear();
    else if (refreshed === 'later') this.#due = new Map([[hash, due], ...this.#due]);
    else if (refreshed !== 'failed') this.#goRound(request);
    this.#goOn();
  }

  /** Changes that came while it was loaded have made it stale again. */
  #goRound(request: CacheRequest): void {
    const { reads, upkeep } = this.#parts;
    if (!reads.isLive(request, READ_WITHIN_MS) || upkeep.tooOldAtMs(request) === null) return;
    this.#due.set(request.key.hash, { request, why: 'change' });
  }
}
