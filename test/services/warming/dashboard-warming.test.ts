import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { BudgetQueue } from '../../../services/budget/budget-queue.js';
import { BudgetSource } from '../../../services/budget/budget-source.js';
import { BudgetWindow } from '../../../services/budget/budget-window.js';
import { Cache } from '../../../services/cache/cache.js';
import { Generations } from '../../../services/cache/generations.js';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';
import { MemoryStore } from '../../../services/cache/memory-store.js';
import { silentObserver } from '../../../services/cache/observer.js';
import { DashboardCacheService } from '../../../services/dashboard-cache-service.js';
import { EventTrail, silentTrail } from '../../../services/events/event-trail.js';
import { RefreshNotes } from '../../../services/events/refresh-notes.js';
import { openDoor } from '../../../services/pressure/open-door.js';
import { SimulatedSource } from '../../../services/simulate/simulated-source.js';
import { DashboardWarming } from '../../../services/warming/dashboard-warming.js';
import type { HotQuestion } from '../../../services/warming/observed-reads.js';
import { Warmer } from '../../../services/warming/warmer.js';
import { scheduledRun } from '../../../services/warming/warming-run.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const PER_MINUTE_COUNT = 20;

/** One tenant is in its options; six combinations of three panels. */
const definitions = await definitionsOf({
  'shop.yaml': `
id: shop
source: main
params:
  site_id: { type: integer, tenant: true, options: SELECT id, name FROM sites }
  year: { type: integer, default: 2026 }
metrics: { query: "SELECT :site_id AS site, :year AS year" }
summary: { query: "SELECT :site_id AS site, :year AS year, 1 AS one" }
warming:
  params: [${[2021, 2022, 2023, 2024, 2025, 2026].map((year) => `{ year: ${year} }`).join(', ')}]
`,
});
const [shop] = definitions.dashboards.values();
if (!shop) throw new Error('The dashboard was not loaded');
const RUN = scheduledRun('shop', { atMs: Date.UTC(2026, 5, 15, 12), content: 'content' });
/** Its choices, and six times two panels. */
const ALL_COUNT = 13;

class FailingSource extends SimulatedSource {
  failWith: DashcacheError | null = null;

  override query(...asked: Parameters<SimulatedSource['query']>) {
    return this.failWith ? Promise.reject(this.failWith) : super.query(...asked);
  }
}

/** The real cache and budget on a clock that the test turns. */
function world({
  questions = [],
  perMinuteCount = PER_MINUTE_COUNT,
}: {
  questions?: readonly HotQuestion[];
  perMinuteCount?: number;
} = {}) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const trail = new EventTrail();
  const askedAtMs: number[] = [];
  const upstream = new FailingSource({
    name: 'main',
    kind: 'duckdb',
    clock,
    loadMs: 0,
    onQuery: () => askedAtMs.push(clock.monotonicMs()),
    panels: new Map(
      [...(shop?.panels.values() ?? [])].flatMap((panel) =>
        panel.queries.map(({ statement }) => [statement, panel] as const),
      ),
    ),
    bytesOf: () => 100,
  });
  const ledger = new BudgetWindow({ perMinuteCount, clock });
  const observer = { budgetWaited: () => {}, budgetRefused: () => {} };
  const source = new BudgetSource(upstream, new BudgetQueue({ sourceName: 'main', ledger, clock, observer }));
  const generations = new Generations({
    slot: new MemoryControlSlot(),
    clock,
    log,
    observer: silentObserver,
  });
  const memory = new MemoryStore({ maxBytes: 1_000_000, clock, observer: silentObserver });
  const cache = new Cache({
    ...{ memory, redis: null, generations, clock, observer: silentObserver, random: () => 0 },
  });
  const service = new DashboardCacheService({
    cache,
    sourceOf: () => source,
    tablesOf: () => [],
    isEnabled: () => true,
    isDeclared: () => true,
    toldToMs: () => Number.NEGATIVE_INFINITY,
    shedder: openDoor,
    refreshes: new RefreshNotes({ trail: silentTrail, clock }),
    clock,
  });
  const forgotten: HotQuestion[] = [];
  const warmer = new Warmer({ service, definitions: () => definitions, clock });
  const warming = new DashboardWarming({
    warmer,
    observed: {
      hottest: async () => [...questions],
      forget: async (gone) => void forgotten.push(...gone),
    },
    definitions: () => definitions,
    trail,
    count: () => {},
    clock,
    log,
  });
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  };
  /** Second by second, until what is done has ended. How long that took. */
  const ended = async (done: Promise<unknown>): Promise<number> => {
    const startMs = clock.monotonicMs();
    let isOver = false;
    const over = done.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    await settled();
    while (!isOver && clock.monotonicMs() - startMs < 60 * MINUTE_MS) {
      clock.advance(SECOND_MS);
      await settled();
    }
    await over;
    return clock.monotonicMs() - startMs;
  };
  /** As many queries of readers as a minute may have. */
  const spend = async () => {
    await ledger.take({ urgentTenants: Array.from({ length: PER_MINUTE_COUNT }, () => ''), pacedCount: 0 });
  };
  const told = () => trail.recent({ kind: 'warming', limitCount: 10 });
  return { log, upstream, askedAtMs, warmer, warming, ended, spend, told, forgotten };
}

t.test(
  'given a budget that readers have spent, a schedule waits for it, and loads all within it',
  async (t) => {
    const { warming, ended, spend, told, askedAtMs } = world();
    await spend();
    const tookMs = await ended(warming.warm(RUN, new AbortController().signal));
    t.match(told(), [{ panels: ALL_COUNT, failed: 0, hits: ALL_COUNT }]);
    t.ok(tookMs > MINUTE_MS / 2 && tookMs < 10 * MINUTE_MS, `${tookMs} ms`);
    t.equal(askedAtMs.length, ALL_COUNT);
    for (const [at, fromMs] of askedAtMs.entries()) {
      const within = askedAtMs.slice(at).filter((atMs) => atMs < fromMs + MINUTE_MS).length;
      t.ok(within <= PER_MINUTE_COUNT, 'never more a minute than the budget has');
    }
    t.ok((askedAtMs[0] ?? 0) > 0, 'and nothing before there was some');
  },
);

t.test('control: somebody who waits for his call is told that it is spent', async (t) => {
  const { warmer, ended, spend } = world();
  await spend();
  const call = warmer.warm({ dashboard: 'shop', tenant: '1' }, new AbortController().signal);
  await ended(call);
  t.match(await call, { problems: [{ code: 'source_overloaded' }] });
});

t.test('given a source that never has time, it is given up after ten minutes, and says so', async (t) => {
  const { warming, ended, upstream, told, log } = world({ perMinuteCount: 6000 });
  upstream.failWith = new DashcacheError('source_overloaded', { retryAfterSeconds: 5 });
  const tookMs = await ended(warming.warm(RUN, new AbortController().signal));
  t.ok(tookMs >= 10 * MINUTE_MS && tookMs < 11 * MINUTE_MS, `${tookMs} ms`);
  t.match(told(), [{ loaded: 0, hits: 0 }]);
  const [event] = told();
  t.ok(event?.kind === 'warming' && event.failed > 0 && event.failed === event.panels);
  t.match(log.lines.at(-1), { level: 'warn', details: { problems: [{ code: 'source_overloaded' }] } });
});

t.test('given up while it waits, it ends at once', async (t) => {
  const { warming, ended, upstream, told } = world();
  upstream.failWith = new DashcacheError('source_overloaded', { retryAfterSeconds: 60 });
  const stopping = new AbortController();
  const warmed = warming.warm(RUN, stopping.signal);
  await setImmediate();
  stopping.abort();
  t.equal(await ended(warmed), 0);
  t.same(told(), [], 'whoever takes it over tells of it');
});

t.test(
  'given a source that is down, its tenants count as failed, and no question is forgotten',
  async (t) => {
    const question: HotQuestion = {
      ...{ dashboardId: 'shop', panelId: 'metrics', tenantText: null, spelled: 'asked' },
      texts: new Map([['year', '2020']]),
    };
    const { warming, ended, upstream, told, forgotten, log } = world({ questions: [question] });
    upstream.failWith = new DashcacheError('source_down');
    await ended(warming.warm(RUN, new AbortController().signal));
    t.match(told(), [{ panels: ALL_COUNT, failed: ALL_COUNT, hits: 0 }], 'not: all of none');
    t.same(forgotten, []);
    t.match(log.lines.at(-1), { level: 'warn', message: /hits for 0 of 13 panels only/ });
  },
);

t.test('a question that the definitions of now do not know is forgotten', async (t) => {
  const gone: HotQuestion = {
    ...{ dashboardId: 'shop', panelId: 'metrics', tenantText: '1', spelled: 'gone' },
    texts: new Map([['month', '1']]),
  };
  const { warming, ended, told, forgotten } = world({ questions: [gone] });
  await ended(warming.warm(RUN, new AbortController().signal));
  t.same(forgotten, [gone]);
  t.match(told(), [{ panels: ALL_COUNT, failed: 0, hits: ALL_COUNT }]);
});
