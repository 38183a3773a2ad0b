import type { InvalidationMode } from '../cache/control-slot.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { FeedFigures } from '../statistics/feed-figures.js';
import type { ChangeFeed, FeedState } from './change-feed.js';
import { openFeed } from './open-feed.js';
import { SourceChanges, type SourceChangesParts } from './source-changes.js';
import type { DeclaredReaders } from './tags-of-changes.js';
import type { WatchedSource } from './watched-source.js';
import type { WatchedTables } from './watched-tables.js';

export interface WatchedSourcesParts {
  readonly declared: () => DeclaredReaders;
  readonly invalidate: (tags: readonly string[], mode: InvalidationMode) => Promise<unknown>;
  readonly told?: SourceChangesParts['told'];
  readonly watchedTables: Pick<WatchedTables, 'areHeard'>;
  /** See FeedOptions.group. */
  readonly group: string | null;
  readonly clock: Clock;
  readonly log: Log;
}

interface OpenFeed {
  readonly declaration: string;
  readonly feed: ChangeFeed;
  readonly listener: SourceChanges;
}

/** The feeds of the sources that declare one. */
export class WatchedSources {
  readonly #parts: WatchedSourcesParts;
  readonly #open = new Map<string, OpenFeed>();
  readonly #closing = new Set<Promise<void>>();

  constructor(parts: WatchedSourcesParts) {
    this.#parts = parts;
  }

  /** From now on these are watched: opens what is new or declared differently, closes the others. */
  watch(sources: readonly WatchedSource[]): void {
    const wanted = new Map(sources.map((source) => [source.name, source]));
    for (const [name, open] of this.#open)
      if (wanted.get(name)?.declaration !== open.declaration) this.#close(name, open.feed);
    for (const source of sources) if (!this.#open.has(source.name)) this.#openFeed(source);
  }

  /** Undefined where the source declares no feed. */
  stateOf(source: string): FeedState | undefined {
    return this.#open.get(source)?.feed.state();
  }

  /**
   * Until when (wall clock, ms) every change of all these tables has been told: Infinity while the feed is well, -Infinity where it
   * does not watch all of them, nobody knows that yet, or the source has none.
   */
  toldToMs(source: string, tables: readonly string[]): number {
    const state = this.stateOf(source);
    const { clock, watchedTables } = this.#parts;
    if (!state || !watchedTables.areHeard(source, tables)) return Number.NEGATIVE_INFINITY;
    if (state.ok) return Number.POSITIVE_INFINITY;
    return clock.nowMs() - (clock.monotonicMs() - state.completeToMs);
  }

  /** Names of the sources whose feed is silent or has not begun. */
  silent(): string[] {
    return [...this.#open].filter(([, { feed }]) => !feed.state().ok).map(([name]) => name);
  }

  figures(): FeedFigures[] {
    const nowMs = this.#parts.clock.monotonicMs();
    return [...this.#open].map(([source, { feed, listener }]) => ({
      source,
      isOk: feed.state().ok,
      changesCount: listener.changesCount,
      gapsCount: listener.gapsCount,
      incompleteForMs: nowMs - feed.state().completeToMs,
    }));
  }

  async close(): Promise<void> {
    for (const [name, { feed }] of this.#open) this.#close(name, feed);
    await Promise.all(this.#closing);
  }

  #openFeed({ name, changes, database, declaration }: WatchedSource): void {
    const { declared, invalidate, told, group, clock, log } = this.#parts;
    const tables = [...changes.tables.keys()];
    const listener = new SourceChanges({ source: name, tables, declared, invalidate, ...(told && { told }) });
    const feed = openFeed({ source: name, database, changes, group, listener, clock, log });
    this.#open.set(name, { declaration, feed, listener });
    feed.start();
  }

  #close(name: string, feed: ChangeFeed): void {
    this.#open.delete(name);
    const closing = feed.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
