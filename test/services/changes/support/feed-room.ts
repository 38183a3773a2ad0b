import type { ChangeFeed, ChangesDefinition, TableChange } from '../../../../services/changes/change-feed.js';
import type { FeedOptions } from '../../../../services/changes/feed-options.js';
import { installationStatus, runStatements } from '../../../../services/changes/install/installation.js';
import { openFeed } from '../../../../services/changes/open-feed.js';
import { systemClock } from '../../../../services/clock.js';
import { silentLog } from '../../../../services/log.js';
import type { Lifetime } from '../../../helpers/lifetime.js';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres-server.js';
import { within } from '../../../helpers/within.js';

/** A database of the test's own in which feeds of every kind can be opened. */
export async function feedDatabase(life: Lifetime): Promise<PostgresServer> {
  const server = await startPostgres({
    lines: ['wal_level = logical', 'max_wal_senders = 20', 'max_replication_slots = 20'],
  });
  life.teardown(() => server.stop());
  return server;
}

type Tables = Readonly<Record<string, { tenant_column?: string; immutable?: boolean }>>;

export function changesOf(feed: ChangeFeed['kind'], tables: Tables): ChangesDefinition {
  return {
    feed,
    tables: new Map(
      Object.entries(tables).map(([name, { tenant_column: tenantColumn = null, immutable = false }]) => [
        name,
        { tenantColumn, immutable },
      ]),
    ),
  };
}

/** What a feed told, in order: changes as `table` or `table:tenant,tenant`, gaps as `gap`. */
export class Heard {
  readonly told: string[] = [];
  /** While set nothing is taken. */
  refuses = false;
  refusedCount = 0;

  async changed(changes: readonly TableChange[]): Promise<void> {
    this.#take();
    for (const { table, tenants } of changes)
      this.told.push(tenants === null ? table : `${table}:${tenants.toSorted().join(',')}`);
  }

  async gap(): Promise<void> {
    this.#take();
    this.told.push('gap');
  }

  #take(): void {
    if (!this.refuses) return;
    this.refusedCount++;
    throw new Error('Redis did not take it');
  }

  /** What was told since this was asked last. */
  take(): string[] {
    return this.told.splice(0);
  }
}

export interface OpenedFeed {
  readonly feed: ChangeFeed;
  readonly heard: Heard;
  /** Resolves once all that is committed by now has been told. */
  caughtUp(): Promise<void>;
}

export interface Opened {
  readonly url: string;
  readonly changes: ChangesDefinition;
  readonly group?: string | null;
  readonly heard?: Heard;
}

export function feedOptions({ url, changes, group = 'test', heard = new Heard() }: Opened): FeedOptions {
  return {
    source: 'main',
    database: async () => ({ connectionString: url }),
    changes,
    group,
    heartbeatMs: 100,
    listener: heard,
    clock: systemClock,
    log: silentLog,
  };
}

/** Installs what the feed needs, as \`dashcache changes install\` does. */
export async function install(opened: Opened): Promise<readonly string[]> {
  const options = feedOptions(opened);
  const { install: statements } = await installationStatus(options, null);
  await runStatements(options, statements);
  return statements;
}

/** A feed that is closed with the test. */
export function openedFeed(life: Lifetime, opened: Opened): OpenedFeed {
  const heard = opened.heard ?? new Heard();
  const feed = openFeed(feedOptions({ ...opened, heard }));
  feed.start();
  life.teardown(() => feed.close());
  return { feed, heard, caughtUp: () => caughtUp(feed) };
}

const WITHIN_MS = 20_000;

async function caughtUp(feed: ChangeFeed): Promise<void> {
  const nowMs = systemClock.monotonicMs();
  await within(WITHIN_MS, () => feed.state().completeToMs > nowMs, 'the feed has told all');
}

/** One table, and how it is watched. */
export const TASKS_SCHEMA = 'CREATE TABLE tasks (id integer PRIMARY KEY, site_id integer)';
export const TASKS: Tables = { tasks: { tenant_column: 'site_id' } };
