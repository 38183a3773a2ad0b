// How soon a commit is told, and what each change feed costs the writers, beside writers without any: `npm run bench:feeds`.
import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT_MS } from '../services/changes/healing-feed.js';
import { installationStatus, runStatements } from '../services/changes/install/installation.js';
import { publicationOf } from '../services/changes/watched-shape.js';
import { type Lifetime, withLifetime } from '../test/helpers/lifetime.js';
import { type PostgresServer, startPostgres } from '../test/helpers/postgres-server.js';
import { startFeedProcess } from '../test/services/changes/support/feed-process.js';
import { changesOf, feedOptions, Heard, openedFeed } from '../test/services/changes/support/feed-room.js';
import { canDiscard, startDiscardingReader } from './discarding-reader.js';
import { canPin, pinToCore } from './pin-to-core.js';
import { processorTime } from './processor-time.js';
import { rowWriters } from './row-writers.js';

const FEEDS = ['logical', 'notify'] as const;
/** `discarded`: the stream of a logical feed, read by a program that throws it away. */
type Kind = 'none' | (typeof FEEDS)[number] | 'discarded';
const KINDS: readonly Kind[] = ['none', ...FEEDS, ...(canDiscard() ? (['discarded'] as const) : [])];
const PROBES_COUNT = 200;
const ROWS_PER_SECOND = 2000;
const ROUNDS_COUNT = 3;
const ROUND_SECONDS = 5;
/** Commits share a flush to the disk. */
const SESSIONS_COUNT = 16;

const TABLES = { tasks: { tenant_column: 'site_id' }, probes: { tenant_column: 'site_id' } };
const SCHEMA = `CREATE TABLE tasks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site_id integer, name text);
  CREATE TABLE probes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site_id integer);`;

/** As databases run that must not lose anything: a commit waits for its disk. */
const SAFE = ['fsync = on', 'full_page_writes = on'];

async function database(life: Lifetime, walLevel: 'logical' | 'replica'): Promise<PostgresServer> {
  const server = await startPostgres({ lines: [`wal_level = ${walLevel}`, ...SAFE] });
  life.teardown(() => server.stop());
  await server.query(SCHEMA);
  return server;
}

/** Ms from the commit of a row to the moment at which the listener hears of it, while others write. */
async function delays(kind: (typeof FEEDS)[number]): Promise<{ delaysMs: number[]; rate: number }> {
  return withLifetime(async (life) => {
    const server = await database(life, 'logical');
    const opened = { url: server.url, changes: changesOf(kind, TABLES) };
    const { install } = await installationStatus(feedOptions(opened), null);
    await runStatements(feedOptions(opened), install);
    const heard = new HeardAt();
    const { caughtUp } = openedFeed(life, { ...opened, heard });
    await caughtUp();
    const seconds = 4 + PROBES_COUNT * 0.07;
    const { rate } = rowWriters(life, {
      url: server.url,
      sessionsCount: SESSIONS_COUNT,
      rowsCount: 1,
      seconds,
      rowsPerSecond: ROWS_PER_SECOND,
    });
    await sleep(2000);
    const delaysMs: number[] = [];
    for (let probe = 1; probe <= PROBES_COUNT; probe++) {
      await server.query('INSERT INTO probes (site_id) VALUES ($1)', [probe]);
      const committedMs = performance.now();
      delaysMs.push(Math.max(0, (await heard.of(probe)) - committedMs));
      await sleep(Math.random() * 50);
    }
    return { delaysMs, rate: await rate };
  });
}

/** When the probes were told. */
class HeardAt extends Heard {
  readonly #atMs = new Map<string, number>();

  override async changed(...told: Parameters<Heard['changed']>): Promise<void> {
    for (const { table, tenants } of told[0])
      if (table === 'public.probes')
        for (const tenant of tenants ?? []) this.#atMs.set(tenant, performance.now());
  }

  async of(probe: number): Promise<number> {
    for (;;) {
      const atMs = this.#atMs.get(String(probe));
      if (atMs !== undefined) return atMs;
      await sleep(1);
    }
  }
}

interface Cost {
  readonly rate: number;
  /** Processor time for each row, by who spent it. */
  readonly spentUs: ReadonlyMap<string, number>;
}

/**
 * Rows a second of writers as fast as they can, with and without each feed, in turns. `apart`: the database has a core of its own, as it
 * has where writers and dashcache run elsewhere; else all of them share all cores.
 */
async function costs(
  rowsCount: number,
  where: 'apart' | 'shared',
): Promise<ReadonlyMap<Kind, readonly Cost[]>> {
  const all = new Map<Kind, readonly Cost[]>();
  for (let round = 0; round < ROUNDS_COUNT; round++)
    for (const kind of KINDS) {
      const cost = await withLifetime((life) => costOf(life, { kind, rowsCount, where }));
      all.set(kind, [...(all.get(kind) ?? []), cost]);
    }
  return all;
}

async function costOf(
  life: Lifetime,
  { kind, rowsCount, where }: { kind: Kind; rowsCount: number; where: 'apart' | 'shared' },
): Promise<Cost> {
  // All of the database inherits its core, and all that comes after it the other one.
  if (where === 'apart') pinToCore(process.pid, 0);
  const feed = kind === 'discarded' ? 'logical' : kind;
  const server = await database(life, feed === 'logical' ? 'logical' : 'replica');
  if (where === 'apart') pinToCore(process.pid, 1);
  const { url } = server;
  if (feed !== 'none') {
    const options = feedOptions({ url, changes: changesOf(feed, { tasks: TABLES.tasks }) });
    await runStatements(options, (await installationStatus(options, null)).install);
    if (kind === 'discarded') await startDiscardingReader(life, { url, publication: publicationOf('main') });
    else await startFeedProcess(life, { kind: feed, url, heartbeatMs: HEARTBEAT_MS });
  }
  const setup = { url, sessionsCount: SESSIONS_COUNT, rowsCount, seconds: ROUND_SECONDS };
  const { rate } = rowWriters(life, { ...setup, rowsPerSecond: null });
  // Those who begin and those who end would count too.
  await sleep(1000);
  const startMs = performance.now();
  const before = processorTime(server.pid);
  await sleep((ROUND_SECONDS - 2) * 1000);
  const after = processorTime(server.pid);
  const seconds = (performance.now() - startMs) / 1000;
  const rows = (await rate) * seconds;
  const spentUs = [...after].map(
    ([spender, ms]) => [spender, ((ms - (before.get(spender) ?? 0)) * 1000) / rows] as const,
  );
  return { rate: await rate, spentUs: new Map(spentUs) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentile(sorted: readonly number[], share: number): string {
  return `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)} ms`;
}

for (const kind of FEEDS) {
  const { delaysMs, rate } = await delays(kind);
  const sorted = delaysMs.toSorted((a, b) => a - b);
  process.stdout.write(
    `${kind.padEnd(8)}  commit to told at ${Math.round(rate)} rows/s: p50 ${percentile(sorted, 0.5)}, p95 ${percentile(sorted, 0.95)}, all ${percentile(sorted, 1)}\n`,
  );
}
for (const where of ['shared', ...(canPin() ? (['apart'] as const) : [])] as const) {
  for (const rowsCount of [1, 100]) {
    const all = await costs(rowsCount, where);
    const rateOf = (kind: Kind) => mean((all.get(kind) ?? []).map(({ rate }) => rate));
    for (const [kind, rounds] of all) {
      const spenders = [...new Set(rounds.flatMap(({ spentUs }) => [...spentUs.keys()]))];
      const spent = spenders.map(
        (spender) => `${spender} ${mean(rounds.map(({ spentUs }) => spentUs.get(spender) ?? 0)).toFixed(2)}`,
      );
      process.stdout.write(
        `${kind.padEnd(9)} ${rowsCount} rows a statement, cores ${where}: ${Math.round(rateOf(kind))} rows/s, ` +
          `${Math.round((rateOf(kind) / rateOf('none') - 1) * 100)} %; us a row: ${spent.join(', ')}\n`,
      );
    }
  }
}
