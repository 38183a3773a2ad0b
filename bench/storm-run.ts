import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Commits } from '../test/helpers/commits.js';
import { hostNowMs } from '../test/helpers/history.js';
import { type Lifetime, withLifetime } from '../test/helpers/lifetime.js';
import { statisticsOf } from '../test/integration/support/counters.js';
import { StormViewers } from '../test/integration/support/storm-viewers.js';
import {
  type StormWorld,
  type StormWorldOptions,
  stormWorld,
} from '../test/integration/support/storm-world.js';
import type { StormWriterSetup } from '../test/integration/support/storm-writer.js';
import type { WriterMessage } from './storm-writer.js';

export interface StormOptions extends StormWorldOptions {
  readonly viewersCount: number;
  readonly everyMs: number;
  readonly rowsPerSecond: number;
  readonly durationMs: number;
  readonly quietMs: number;
  readonly lineEveryMs: number;
}

/** What was seen between two instants of the storm. */
export interface StormLine {
  readonly atMs: number;
  /** In the minute before, by the log of PostgreSQL and by the statistics of the service. */
  readonly loggedCount: number;
  readonly countedCount: number;
  readonly readsCount: number;
  readonly stalestMs: number;
}

export interface StormFigures {
  readonly rowsPerSecond: number;
  readonly commitsCount: number;
  /** In all, by the log of PostgreSQL and by the statistics of the service. */
  readonly loggedCount: number;
  readonly countedCount: number;
  /** While it was written. */
  readonly perMinuteCount: number;
  readonly busiestMinuteCount: number;
  readonly readsCount: number;
  readonly failedCount: number;
  readonly stalestMs: number;
  readonly contractBreachesCount: number;
  readonly budgetBreachesCount: number;
  readonly budgetWaitsCount: number;
  /** Panels that lack a row so long after the last write. */
  readonly wrongCount: number;
}

const MINUTE_MS = 60_000;
const SESSIONS_COUNT = 8;
const ROWS_COUNT = 10;
const COUNT_EVERY_MS = 1000;

/** A storm of writes behind the real service, then quiet. */
export function runStorm(options: StormOptions, tell: (line: StormLine) => void): Promise<StormFigures> {
  return withLifetime(async (life) => {
    const world = await stormWorld(life, options);
    return new StormRun(options, world).run(life, tell);
  });
}

class StormRun {
  readonly #options: StormOptions;
  readonly #world: StormWorld;
  readonly #commits: Commits;
  readonly #counted: { readonly atMs: number; readonly count: number }[] = [];
  #viewers: StormViewers;
  #commitsCount = 0;
  #startWallMs = 0;

  constructor(options: StormOptions, world: StormWorld) {
    this.#options = options;
    this.#world = world;
    this.#commits = new Commits(options.panelsCount);
    this.#viewers = new StormViewers({ ...options, world, viewersCount: 0 });
  }

  async run(life: Lifetime, tell: (line: StormLine) => void): Promise<StormFigures> {
    const { durationMs, lineEveryMs, panelsCount, quietMs } = this.#options;
    const panels = Array.from({ length: panelsCount }, (_empty, panel) => panel);
    for (const panel of panels) await this.#world.lastRow(panel);
    await this.#count();
    const counting = setInterval(() => void this.#count(), COUNT_EVERY_MS);
    life.teardown(() => clearInterval(counting));
    const startMs = hostNowMs();
    this.#startWallMs = Date.now();
    const writing = this.#write(life);
    this.#viewers = new StormViewers({ ...this.#options, world: this.#world });
    for (let atMs = lineEveryMs; atMs <= durationMs; atMs += lineEveryMs) {
      await sleep(startMs + atMs - hostNowMs());
      tell(await this.#line(startMs, atMs));
    }
    const rowsPerSecond = await writing;
    await sleep(quietMs);
    const last = await Promise.all(panels.map((panel) => this.#world.lastRow(panel)));
    const wrong = panels.filter((panel) => last[panel] !== this.#commits.lastRowOf(panel));
    await this.#viewers.leave();
    return { ...(await this.#figures()), rowsPerSecond, wrongCount: wrong.length };
  }

  /** Resolves to the rows a second when the last commit was acknowledged. */
  #write(life: Lifetime): Promise<number> {
    const { server } = this.#world;
    const setup: StormWriterSetup = {
      ...this.#options,
      url: server.url,
      sessionsCount: SESSIONS_COUNT,
      rowsCount: ROWS_COUNT,
    };
    const child = fork(
      fileURLToPath(new URL('./storm-writer.ts', import.meta.url)),
      [JSON.stringify(setup)],
      {
        execArgv: ['--import', import.meta.resolve('tsx')],
      },
    );
    life.teardown(() => child.kill('SIGKILL'));
    return new Promise((resolve, reject) => {
      child.on('message', ({ commits, rowsPerSecond }: WriterMessage) => {
        for (const commit of commits) this.#commits.note(commit);
        this.#commitsCount += commits.length;
        if (rowsPerSecond !== undefined) resolve(rowsPerSecond);
      });
      child.once('exit', (code) => reject(new Error(`The writer ended: ${code}`)));
    });
  }

  async #count(): Promise<void> {
    const { process } = await this.#statistics();
    this.#counted.push({ atMs: hostNowMs(), count: process.source_queries });
  }

  #statistics() {
    return statisticsOf({ get: (path) => this.#world.ask(path) });
  }

  async #line(startMs: number, atMs: number): Promise<StormLine> {
    const [fromMs, toMs] = [startMs + atMs - this.#options.lineEveryMs, startMs + atMs];
    const reads = this.#viewers.reads.filter(({ sentAtMs }) => sentAtMs >= fromMs && sentAtMs < toMs);
    const sinceMs = Date.now() - MINUTE_MS;
    const logged = (await this.#world.queries()).filter((query) => query.atMs >= sinceMs);
    const counted = this.#counted.filter((one) => one.atMs >= toMs - MINUTE_MS);
    return {
      atMs,
      loggedCount: logged.length,
      countedCount: (counted.at(-1)?.count ?? 0) - (this.#countBefore(toMs - MINUTE_MS) ?? 0),
      readsCount: reads.length,
      stalestMs: this.#stalestMs(reads),
    };
  }

  #countBefore(atMs: number): number | undefined {
    return this.#counted.findLast((one) => one.atMs < atMs)?.count;
  }

  #stalestMs(reads: StormViewers['reads']): number {
    const lacked = reads.map(({ lastRow, ...read }) =>
      lastRow === null ? 0 : this.#commits.lackedForMs({ ...read, lastRow }),
    );
    return Math.max(0, ...lacked);
  }

  async #figures(): Promise<Omit<StormFigures, 'rowsPerSecond' | 'wrongCount'>> {
    const { reads } = this.#viewers;
    const { process, sources } = await this.#statistics();
    const queriesAtMs = (await this.#world.queries()).map(({ atMs }) => atMs);
    const { durationMs } = this.#options;
    const during = queriesAtMs.filter((ms) => ms >= this.#startWallMs && ms < this.#startWallMs + durationMs);
    return {
      commitsCount: this.#commitsCount,
      loggedCount: queriesAtMs.length,
      countedCount: process.source_queries,
      perMinuteCount: Math.round((during.length * MINUTE_MS) / durationMs),
      busiestMinuteCount: busiestMinuteCount(queriesAtMs),
      readsCount: reads.length,
      failedCount: reads.filter(({ lastRow }) => lastRow === null).length,
      stalestMs: this.#stalestMs(reads),
      contractBreachesCount: process.events['contract_breaches'] ?? 0,
      budgetBreachesCount: process.events['budget_breaches'] ?? 0,
      budgetWaitsCount: sources[0]?.budget_waits ?? 0,
    };
  }
}

/** The most in any minute. */
function busiestMinuteCount(atMs: readonly number[]): number {
  const sorted = atMs.toSorted((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, ms, last) => {
    while (ms - (sorted[first] ?? ms) >= MINUTE_MS) first++;
    return Math.max(most, last - first + 1);
  }, 0);
}
