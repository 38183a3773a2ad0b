import type { InvalidationMode } from '../cache/control-slot.js';
import type { ChangeListener, TableChange } from './change-feed.js';
import { type ChangedTags, type DeclaredReaders, tagsOfChanges, tagsOfGap } from './tags-of-changes.js';

export interface SourceChangesParts {
  readonly source: string;
  /** The tables that the feed watches. */
  readonly tables: readonly string[];
  /** What is declared at the moment of a change. */
  readonly declared: () => DeclaredReaders;
  /** Rejects when Redis did not take it. */
  readonly invalidate: (tags: readonly string[], mode: InvalidationMode) => Promise<unknown>;
  /** What the feed tells, before it is invalidated. Never throws. */
  readonly told?: (change: ToldChange) => void;
}

/** Changes of a source as they became known in this process. */
export interface ToldChange {
  readonly source: string;
  /** gap: changes may have been missed, so all of them count as changed. */
  readonly by: 'feed' | 'gap' | 'files';
  readonly changes: readonly TableChange[];
}

/** Makes of the changes of a source's tables invalidations, in force everywhere within a second once they are taken. */
export class SourceChanges implements ChangeListener {
  changesCount = 0;
  gapsCount = 0;
  readonly #parts: SourceChangesParts;

  constructor(parts: SourceChangesParts) {
    this.#parts = parts;
  }

  async changed(changes: readonly TableChange[]): Promise<void> {
    const { source, declared, told } = this.#parts;
    told?.({ source, by: 'feed', changes });
    await this.#replace(tagsOfChanges(changes, source, declared()));
    this.changesCount += changes.length;
  }

  async gap(): Promise<void> {
    const { source, tables, declared, told } = this.#parts;
    told?.({ source, by: 'gap', changes: tables.map((table) => ({ table, tenants: null })) });
    await this.#replace(tagsOfGap(tables, source, declared()));
    this.gapsCount++;
  }

  async #replace({ expire, purge }: ChangedTags): Promise<void> {
    const { invalidate } = this.#parts;
    if (purge.length > 0) await invalidate(purge, 'purge');
    if (expire.length > 0) await invalidate(expire, 'expire');
  }
}
