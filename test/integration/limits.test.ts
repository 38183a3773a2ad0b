import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DashcacheError, type ErrorCode } from '../../errors.js';
import { isIdle } from '../services/sources/duckdb/duckdb-fixture.js';
import type { Answer } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { DASHCACHE, GRACE_MS, shopFolder, TTL_MS } from './support/shop.js';
import { until } from './support/until.js';

const DEADLINE_MS = 400;
/** What may pass between the deadline and the answer. */
const LATE_MS = 250;

/** Hours of work for a database, and results that are too large; each for as many keys as there are n. */
const LIMITS = `
id: limits
source: main
params:
  n: { type: integer, default: 1 }
charts:
  slow:
    type: table
    labels: n
    deadline: ${DEADLINE_MS}ms
    query: SELECT sum(hash(a.range) * b.range::HUGEINT % 7 + :n) AS n, 1 AS one FROM range(10000000) a, range(100000) b
  long: { type: table, labels: range, max_rows: 100, query: "SELECT range, 1 AS one FROM range(99 + :n)" }
  wide: { type: table, labels: text, max_bytes: 10000, query: "SELECT repeat('x', 9000 * :n) AS text, 1 AS one" }
summary: { query: "SELECT range FROM range(:n)" }
`;

/** A query that holds its place for as long as all readers of a test need to arrive, however busy the machine. */
const HELD = `
id: held
source: main
params:
  n: { type: integer, default: 1 }
charts:
  slow:
    type: table
    labels: n
    deadline: 4s
    query: SELECT sum(hash(a.range) * b.range::HUGEINT % 7 + :n) AS n, 1 AS one FROM range(10000000) a, range(100000) b
`;

const ONE_AT_A_TIME = DASHCACHE.replace('concurrency: 2', 'concurrency: 1');
/** Waiters for each query that may run. */
const WAITING_COUNT = 25;

async function limits(t: Test): Promise<ListeningApp> {
  const folder = await shopFolder(t, {
    'limits.yaml': LIMITS,
    'held.yaml': HELD,
    'dashcache.yaml': ONE_AT_A_TIME,
  });
  return listeningApp(t, { folder });
}

interface Timed {
  readonly answer: Answer;
  readonly tookMs: number;
}

async function timed({ get }: ListeningApp, path: string): Promise<Timed> {
  const startMs = performance.now();
  const answer = await get(path);
  return { answer, tookMs: performance.now() - startMs };
}

function isProblem(t: Test, answer: Answer, [status, code]: readonly [number, ErrorCode]): void {
  t.equal(answer.status, status);
  t.match(answer.headers, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  t.equal(answer.headers.etag, undefined);
  t.equal(answer.headers['cache-status'], undefined);
  const problem = answer.json();
  t.match(problem, { status, code, request_id: String });
  t.notMatch(answer.text, /SELECT|range\(|duckdb|\.ts:\d/i, 'nothing of the query or the code');
}

t.test('a query past its deadline: 504 in time, and nothing of it goes on in the database', async (t) => {
  const service = await limits(t);
  const tookMs = [];
  for (const n of [1, 2, 3]) {
    const { answer, tookMs: ms } = await timed(service, `/dashboards/limits/charts/slow?n=${n}`);
    isProblem(t, answer, [504, 'source_deadline']);
    t.ok(ms >= DEADLINE_MS, 'not before it');
    tookMs.push(Math.round(ms));
  }
  // A machine that does something else for a moment may be late once.
  t.ok(Math.min(...tookMs) <= DEADLINE_MS + LATE_MS, `answered after ${tookMs.join(', ')} ms`);
  t.ok(await isIdle(), 'this process computes nothing any more');
  const next = await timed(service, '/dashboards/shop/metrics?site_id=1');
  t.equal(next.answer.status, 200, 'the only place in the source is free again');
  t.match((await statisticsOf(service)).sources, [{ name: 'main', queries: 4, failures: 3 }]);
  const again = await timed(service, '/dashboards/limits/charts/slow?n=4');
  const shared = await timed(service, '/dashboards/limits/charts/slow?n=4');
  t.equal(shared.answer.status, 504);
  t.ok(shared.tookMs < again.tookMs / 2, 'a failure is shared for a moment instead of tried again');
});

t.test(
  'more questions than the queue holds: 503 with Retry-After at once, the others in their turn',
  async (t) => {
    const service = await limits(t);
    const extraCount = 6;
    const asked = Array.from({ length: 1 + WAITING_COUNT + extraCount }, (_, index) =>
      timed(service, `/dashboards/held/charts/slow?n=${100 + index}`),
    );
    const all = await Promise.all(asked);
    const refused = all.filter(({ answer }) => answer.status === 503).sort((a, b) => a.tookMs - b.tookMs);
    t.equal(refused.length, WAITING_COUNT + extraCount);
    for (const { answer } of refused) {
      isProblem(t, answer, [503, 'source_overloaded']);
      t.match(answer.headers['retry-after'], /^[1-9]\d?$/);
    }
    const [late, ...more] = all.filter(({ answer }) => answer.status === 504);
    t.same(more, [], 'only the one that ran');
    const atOnce = refused.slice(0, extraCount).map(({ tookMs }) => tookMs);
    const sentAway = refused.slice(extraCount).map(({ tookMs }) => tookMs);
    t.ok(Math.min(...sentAway) >= DEADLINE_MS / 2, 'who waits is sent away at half of the deadline');
    t.ok(Math.max(...atOnce) < Math.min(...sentAway, late?.tookMs ?? 0), 'nobody waits to be refused');
    const goesOn = async () => (await service.get('/dashboards/shop/summary?site_id=1')).status === 200;
    t.ok(await until(goesOn, { withinMs: 3000 }), 'and then it goes on');
    t.ok(await isIdle());
  },
);

t.test(
  'results beyond max_rows, max_bytes or one row: 502 that says which, and one less is served',
  async (t) => {
    const service = await limits(t);
    const cases = [
      ['charts/long', 1, 2, /rows/],
      ['charts/wide', 1, 2, /bytes|large|size/],
      ['summary', 1, 2, /several rows/],
    ] as const;
    for (const [panel, fits, tooMuch, detail] of cases) {
      t.equal((await service.get(`/dashboards/limits/${panel}?n=${fits}`)).status, 200, panel);
      const refused = await service.get(`/dashboards/limits/${panel}?n=${tooMuch}`);
      isProblem(t, refused, [502, 'source_wrong_answer']);
      t.match(refused.json()['detail'], detail);
    }
    const { cache_stats } = await statisticsOf(service);
    t.match(cache_stats, { total_requests: 6, misses: 3, errors: 3, hits: 0 });
  },
);

t.test(
  'a dashboard with panels that fail: 200 with their problems while one has an answer, else the worst of them',
  async (t) => {
    const service = await limits(t);
    const partly = await service.get('/dashboards/limits?n=1');
    t.equal(partly.status, 200);
    t.equal(partly.headers.etag, undefined);
    t.equal(partly.headers['cache-control'], 'no-store');
    t.match(partly.headers['dashcache-panels'], 'charts/slow;status=504, charts/long;fwd=uri-miss');
    t.match(partly.json(), {
      panels: {
        charts: { slow: { problem: { status: 504, code: 'source_deadline' } }, long: { data: {} } },
        summary: { data: {} },
      },
    });
    const failed = await service.get('/dashboards/limits?n=2');
    t.equal(failed.status, 504);
    t.equal(failed.headers['content-type'], 'application/problem+json');
    t.match(failed.json(), {
      panels: { charts: { long: { problem: { status: 502 } } }, summary: { problem: { status: 502 } } },
    });
    const { cache_stats } = await statisticsOf(service);
    t.match(cache_stats, { total_requests: 8, misses: 3, errors: 5 });
  },
);

const FAILURES = ['source_deadline', 'source_wrong_answer', 'source_overloaded', 'source_down'] as const;

for (const code of FAILURES)
  t.test(
    `${code} with an old entry at hand: 200 stale-if-error until it is too old, then the problem`,
    async (t) => {
      const clock = new HeldClock();
      const service = await listeningApp(t, { folder: await shopFolder(t), clock });
      const source = scriptSource(service.app);
      const path = '/dashboards/shop/metrics?site_id=2';
      const first = await service.get(path);
      clock.shift(TTL_MS + GRACE_MS + 5000);
      source.failWith = new DashcacheError(code);
      for (const _ of [1, 2]) {
        const old = await service.get(path);
        t.equal(old.status, 200);
        t.equal(old.cacheStatus, `dashcache; hit; ttl=-${(GRACE_MS + 5000) / 1000}; detail=stale-if-error`);
        t.equal(old.headers.age, String((TTL_MS + GRACE_MS + 5000) / 1000));
        t.ok(old.bytes.equals(first.bytes));
        t.equal(old.headers.etag, first.headers.etag);
      }
      t.equal(source.askedCount, 2, 'the source is left alone for a second after a failure');
      clock.shift(24 * 3_600_000);
      t.ok((await service.get(path)).status >= 500, 'older than stale_if_error');
      source.failWith = null;
      clock.shift(1500);
      t.match((await service.get(path)).cacheStatus, 'fwd=uri-miss; stored');
      const { cache_stats } = await statisticsOf(service);
      t.match(cache_stats, { hits: 2, error_hits: 2, misses: 2, errors: 1, total_requests: 5 });
    },
  );

t.test(
  'a data file replaced by one that breaks the query: the old answer stays, stale, and a repaired file heals it',
  async (t) => {
    const folder = await shopFolder(t);
    const service = await listeningApp(t, { folder });
    const path = '/dashboards/prices/metrics';
    const first = await service.get(path);
    const replace = (text: string) => {
      writeFileSync(join(folder, 'prices.csv.new'), text);
      renameSync(join(folder, 'prices.csv.new'), join(folder, 'prices.csv'));
    };
    replace('article,price\nbread,cheap\nbutter,dear\n');
    t.ok(await until(async () => (await service.get(path)).cacheStatus.endsWith('detail=stale-if-error')));
    const old = await service.get(path);
    t.equal(old.status, 200);
    t.ok(old.bytes.equals(first.bytes));
    replace('article,price\nbread,5\n');
    t.ok(
      await until(
        async () =>
          (await service.get(path)).cacheStatus.endsWith('detail=l1') &&
          (await service.get(path)).text.includes('"total":5'),
      ),
    );
    t.equal((await statisticsOf(service)).cache_stats.errors, 0, 'no reader saw an error');
  },
);
