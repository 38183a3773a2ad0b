import type { InvalidationMode } from '../cache/control-slot.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { FeedFigures } from '../statistics/feed-figures.js';
import type { ChangeFeed, FeedState } from './change-feed.js';
import { openFeed } from './open-feed.js';
import { SourceChanges } from './source-changes.js';
import type { DeclaredReaders } from './tags-of-changes.js';
import type { WatchedSource } from './watched-source.js';

/** What others may know of the feed of a source. */
export interface FeedOfSource {
  state(): FeedState;
  /** Whether it hears of this table, `table` or `schema.table`. What rests on other tables only its ttl renews. */
  watches(table: string): boolean;
}

export interface WatchedSourcesParts {
  readonly declared: () => DeclaredReaders;
  readonly invalidate: (tags: readonly string[], mode: InvalidationMode) => Promise<unknown>;
  /** See FeedOptions.group. */
  readonly group: string | null;
  readonly clock: Clock;
  readonly log: Log;
}

interface OpenFeed {
  readonly declaration: string;
  readonly feed: ChangeFeed;
  readonly listener: SourceChanges;
  readonly names: ReadonlySet<string>;
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
  feedOf(source: string): FeedOfSource | undefined {
    const open = this.#open.get(source);
    return open && { state: () => open.feed.state(), watches: (table) => open.names.has(bareName(table)) };
  }

  /**
   * Until when (wall clock, ms) every change of all these tables has been told: Infinity while the feed is well, -Infinity where it
   * does not watch all of them or the source has none.
   */
  toldToMs(source: string, tables: readonly string[]): number {
    const feed = this.feedOf(source);
    if (!feed || tables.length === 0 || !tables.every((table) => feed.watches(table)))
      return Number.NEGATIVE_INFINITY;
    const { ok, completeToMs } = feed.state();
    const { clock } = this.#parts;
    return ok ? Number.POSITIVE_INFINITY : clock.nowMs() - (clock.monotonicMs() - completeToMs);
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
    const { declared, invalidate, group, clock, log } = this.#parts;
    const tables = [...changes.tables.keys()];
    const listener = new SourceChanges({ source: name, tables, declared, invalidate });
    const feed = openFeed({ source: name, database, changes, group, listener, clock, log });
    this.#open.set(name, { declaration, feed, listener, names: new Set(tables.map(bareName)) });
    feed.start();
  }

  #close(name: string, feed: ChangeFeed): void {
    this.#open.delete(name);
    const closing = feed.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function bareName(table: string): string {
  return table.slice(table.lastIndexOf('.') + 1);
}
