import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { Baseline } from '../../services/report/baseline.js';
import type { ReportedPeriod, SuccessReport } from '../../services/report/success-report.js';
import { runAgainst } from '../cli/support/run-against.js';
import { startRedis } from '../helpers/redis-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { statisticsOf } from './support/counters.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { type ScriptedSource, scriptSource } from './support/scripted-source.js';
import { shopFolder } from './support/shop.js';
import { TurningClock } from './support/turning-clock.js';
import { until } from './support/until.js';

/** Three minutes before a midnight. */
const START_MS = Date.UTC(2026, 10, 16, 23, 57);
/** Of what is known, the report may be wrong by so much. */
const WITHIN = 0.02;

interface Actor extends ListeningApp {
  readonly source: ScriptedSource;
}

/** What a time is known to have had. */
interface Truth {
  readonly durationsMs: number[];
  hits: number;
  misses: number;
  errors: number;
  queries: number;
  minutes: number;
  redisBytes: number;
}

const noTruth = (): Truth => ({
  durationsMs: [],
  hits: 0,
  misses: 0,
  errors: 0,
  queries: 0,
  minutes: 0,
  redisBytes: 0,
});
const loadMsOf = (site: number) => 100 + 37 * site;
const metrics = (site: number) => `/dashboards/shop/metrics?site_id=${site}`;
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function world(t: Test) {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const clock = new TurningClock(START_MS);
  const folder = await shopFolder(t);
  const actor = async (): Promise<Actor> => {
    const environment = { REDIS_URL: redis.url };
    const listening = await listeningApp(t, { folder, clock, environment });
    const source = scriptSource(listening.app);
    const { query } = source;
    // A query takes as long as its site says, by the hands that everything is timed by.
    source.query = async (statement, binds, limits) => {
      const result = await query(statement, binds, limits);
      clock.shift(loadMsOf(Number(binds.get('site_id')?.value)));
      return result;
    };
    return { ...listening, source };
  };
  return { clock, first: await actor(), second: await actor(), actor };
}

/** Sends reads whose outcome is known, and books them. */
class Books {
  readonly truths: Truth[] = [];
  readonly #t: Test;

  constructor(t: Test) {
    this.#t = t;
  }

  begin(): void {
    this.truths.push(noTruth());
  }

  get now(): Truth {
    return this.truths.at(-1) ?? noTruth();
  }

  async miss({ get }: Actor, site: number): Promise<void> {
    this.#expect(await get(metrics(site)), /fwd=uri-miss; stored/);
    this.now.misses++;
    this.now.queries++;
    this.now.durationsMs.push(loadMsOf(site));
  }

  async hits({ get }: Actor, site: number, count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#expect(await get(metrics(site)), /; hit;/);
    this.now.hits += count;
    this.now.durationsMs.push(...Array(count).fill(0));
  }

  async failure({ get, source }: Actor, site: number): Promise<void> {
    source.failWith = new DashcacheError('source_down');
    this.#t.equal((await get(metrics(site))).status, 503);
    source.failWith = null;
    this.now.errors++;
    this.now.durationsMs.push(0);
  }

  async endMinute(clock: TurningClock, actors: readonly Actor[]): Promise<void> {
    for (const actor of actors)
      this.now.redisBytes = Math.max(this.now.redisBytes, (await statisticsOf(actor)).redis?.bytes ?? 0);
    this.now.minutes++;
    clock.endMinute();
  }

  #expect({ status, cacheStatus }: { status: number; cacheStatus: string }, pattern: RegExp): void {
    if (status !== 200 || !pattern.test(cacheStatus)) this.#t.fail(`${status} ${cacheStatus}`);
  }
}

function sum(truths: readonly Truth[]): Truth {
  const all = noTruth();
  for (const truth of truths) {
    for (const name of ['hits', 'misses', 'errors', 'queries', 'minutes'] as const) all[name] += truth[name];
    all.durationsMs.push(...truth.durationsMs);
    all.redisBytes = Math.max(all.redisBytes, truth.redisBytes);
  }
  return all;
}

function percentile(durationsMs: readonly number[], percent: number): number {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

const mean = (values: readonly number[]) => values.reduce((all, value) => all + value, 0) / values.length;

function near(t: Test, told: number | null | undefined, truth: number, what: string): void {
  t.ok(
    truth > 0 && Math.abs((told ?? Number.NaN) - truth) <= WITHIN * truth,
    `${what}: ${told}, in truth ${truth}`,
  );
}

function compare(t: Test, period: ReportedPeriod | undefined, truth: Truth): void {
  const { actual } = period ?? {};
  near(t, actual?.hit_rate, (100 * truth.hits) / (truth.hits + truth.misses), 'hit rate');
  near(t, actual?.load_time, percentile(truth.durationsMs, 95), 'load time, p95');
  near(t, period?.mean_load_ms, mean(truth.durationsMs), 'load time, mean');
  near(t, actual?.source_queries, truth.queries / truth.minutes, 'queries per minute');
  near(t, actual?.redis_memory, truth.redisBytes, 'Redis memory');
  t.equal(period?.requests, truth.hits + truth.misses + truth.errors);
  t.equal(period?.errors, truth.errors);
  t.equal(period?.minutes, truth.minutes);
}

async function report(actor: Actor, ...words: string[]): Promise<{ exitCode: number; body: SuccessReport }> {
  const { exitCode, terminal } = await runAgainst(actor, ['report', '--json', ...words]);
  return { exitCode, body: JSON.parse(terminal.outText) };
}

t.test('traffic of two processes over two days with known truth: every figure is within 2 %', async (t) => {
  const { clock, first, second, actor } = await world(t);
  const actors = [first, second];
  const books = new Books(t);

  // A good day of three minutes.
  books.begin();
  for (const sites of [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]) {
    for (const site of sites) {
      await books.miss(first, site);
      await books.hits(first, site, 6);
      await books.hits(second, site, 4);
    }
    await books.endMinute(clock, actors);
  }
  // A bad one of two: hardly anything is asked for again, and something fails.
  books.begin();
  for (const sites of [upTo(6), upTo(3).map((at) => at + 6)]) {
    for (const site of sites) await books.miss(second, site + 10);
    await books.hits(first, 11, 1);
    if (sites.length === 3) await books.failure(second, 39);
    await books.endMinute(clock, actors);
  }
  const [good = noTruth(), bad = noTruth()] = books.truths;
  const all = sum([good, bad]);
  const requests = all.hits + all.misses + all.errors;
  // The minutes of the other process come by way of Redis.
  t.ok(await until(async () => (await report(first)).body.total.requests === requests));

  await t.test('in all, and each day by itself, from either process', async (t) => {
    for (const actor of actors) {
      const { body } = await report(actor);
      compare(t, body.total, all);
      compare(t, body.periods[0], good);
      compare(t, body.periods[1], bad);
      t.same(
        body.periods.map(({ kind, first_day }) => [kind, first_day]),
        [
          ['day', '2026-11-16'],
          ['day', '2026-11-17'],
        ],
      );
      t.equal(body.reach, 'cluster');
    }
  });
  await t.test('a target that is missed ends it with 1', async (t) => {
    const whole = await report(first);
    t.same([whole.exitCode, whole.body.missed], [1, ['load_time']]);
    const since = await report(first, '--since', '2026-11-17');
    t.same([since.exitCode, since.body.missed], [1, ['hit_rate', 'load_time']]);
  });
  await t.test('a process that starts later tells the same of the days that are over', async (t) => {
    for (const { stop } of actors) await stop();
    const { body } = await report(await actor());
    compare(t, body.total, all);
    compare(t, body.periods[0], good);
  });
});

t.test(
  'a baseline of a log with known cost: within 2 %, and nothing that readers see is moved',
  async (t) => {
    const { clock, first } = await world(t);
    const folder = tempFolder(t);
    const log = join(folder, 'access.log');
    const file = join(folder, 'baseline.json');
    // Four minutes of 30 requests, each of one panel with one query.
    const sites = upTo(120).map((at) => 1 + (at % 40));
    const lineOf = (site: number, at: number) =>
      `10.0.0.7 - - [16/Nov/2026:08:${String(10 + Math.floor(at / 30))}:${String(at % 30).padStart(2, '0')} +0000] "GET ${metrics(site)} HTTP/1.1" 200 99`;
    writeFileSync(log, `${sites.map(lineOf).join('\n')}\nnot a line of a log\n`);
    await first.get(metrics(1));
    clock.endMinute();
    const before = await statisticsOf(first);

    const { exitCode, terminal } = await runAgainst(first, [
      ...[
        'report',
        'baseline',
        '--json',
        '--log',
        log,
        '--baseline',
        file,
        '--rate',
        '1000/s',
        '--seed',
        '7',
      ],
    ]);
    t.equal(exitCode, 0, terminal.errText);
    const baseline: Baseline = JSON.parse(terminal.outText);
    const durationsMs = sites.map(loadMsOf);
    t.match(baseline, {
      requests: 120,
      reads: 120,
      failed: 0,
      refused: 0,
      hit_rate: 0,
      queries: 120,
      seed: 7,
    });
    near(t, baseline.load_time.p95_ms, percentile(durationsMs, 95), 'load time, p95');
    near(t, baseline.load_time.mean_ms, mean(durationsMs), 'load time, mean');
    near(t, baseline.queries_per_minute, 30, 'queries per minute');

    const after = await statisticsOf(first);
    t.same(after.cache_stats, before.cache_stats, 'no read is counted');
    t.equal(after.sources[0]?.queries, (before.sources[0]?.queries ?? 0) + 120, 'the queries are');
    t.match((await first.get(metrics(1))).cacheStatus, /; hit;/, 'what was stored still is');
    t.match((await first.get(metrics(2))).cacheStatus, /fwd=uri-miss/, 'and nothing else');

    const { body } = await report(first, '--baseline', file);
    t.same(
      body.table.map((row) => row.baseline),
      [0, baseline.load_time.p95_ms, baseline.queries_per_minute, null],
    );
  },
);

t.test(
  'whole dashboards with known truth: their load time is judged, within 2 %, the baseline of the same',
  async (t) => {
    const { clock, first } = await world(t);
    const durationsMs: number[] = [];
    const baselineMs: number[] = [];
    const log = join(tempFolder(t), 'access.log');
    const file = join(tempFolder(t), 'baseline.json');
    const whole = (site: number) => `/dashboards/shop?site_id=${site}`;
    // Each site is loaded once and opened three times more.
    for (const site of upTo(10))
      for (let i = 0; i < 4; i++) {
        const startMs = clock.monotonicMs();
        t.equal((await first.get(whole(site))).status, 200);
        durationsMs.push(clock.monotonicMs() - startMs);
      }
    clock.endMinute();
    const lines = upTo(10).map(
      (site) => `10.0.0.7 - - [16/Nov/2026:08:10:01 +0000] "GET ${whole(site)} HTTP/1.1" 200 9`,
    );
    writeFileSync(log, lines.join('\n'));
    const { query } = first.source;
    let startedMs = 0;
    first.source.query = async (statement, binds, limits) => {
      const result = await query(statement, binds, limits);
      baselineMs[Number(binds.get('site_id')?.value)] = clock.monotonicMs() - startedMs;
      return result;
    };
    const measuring = ['report', 'baseline', '--json', '--log', log, '--baseline', file, '--rate', '1000/s'];
    startedMs = clock.monotonicMs();
    const measured = await runAgainst(first, measuring);
    t.equal(measured.exitCode, 0, measured.terminal.errText);
    const totals = upTo(10)
      .map((site) => baselineMs[site] ?? 0)
      .sort((a, b) => a - b);
    const perDashboardMs = totals.map((endMs, at) => endMs - (totals[at - 1] ?? 0));

    const { body } = await report(first, '--baseline', file);
    t.match(body.total, { loads_of: 'dashboards' });
    near(t, body.total.actual.load_time, percentile(durationsMs, 95), 'load time, p95');
    near(t, body.total.mean_load_ms, mean(durationsMs), 'load time, mean');
    near(t, body.table[1]?.baseline, percentile(perDashboardMs, 95), 'baseline, p95');
    t.ok((body.total.panel_load_p95_ms ?? Number.POSITIVE_INFINITY) <= (body.total.actual.load_time ?? 0));
  },
);
