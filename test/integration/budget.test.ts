import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ManualClock } from '../helpers/manual-clock.js';
import { answer, json, type ScriptedUpstream, scriptedUpstream } from '../helpers/scripted-upstream.js';
import { tempFolder } from '../helpers/temp-folder.js';
import type { Answer } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { until } from './support/until.js';

/** What is granted counts for so long. */
const MINUTE_MS = 63_000;
const CONTRACT_MS = 10_000;
const STEP_MS = 500;

interface BudgetService extends ListeningApp {
  readonly upstream: ScriptedUpstream;
  readonly clock: ManualClock;
  /** How often the source was asked for a site. */
  callsOf(site: number): number;
  /** Turns the clock until all are answered. */
  turned<T>(answered: Promise<T>): Promise<T>;
}

/** The service in front of an endpoint that may be asked so often in a minute, on a clock that the test turns. */
async function budgetService(
  t: Test,
  { perMinuteCount, deadline }: { perMinuteCount: number; deadline: string },
): Promise<BudgetService> {
  const upstream = await scriptedUpstream(t);
  upstream.on('/report', json({ value: 1 }));
  const folder = tempFolder(t);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources: { reports: { type: http, url: "${upstream.url}", budget: ${perMinuteCount}/min, concurrency: 64 } }
defaults: { ttl: 1h, grace: 1h, stale_if_error: 24h, max_staleness: ${CONTRACT_MS}ms, deadline: ${deadline} }
`,
  );
  writeFileSync(
    join(folder, 'report.yaml'),
    `id: report
source: reports
params: { site: { type: integer, tenant: true }, n: { type: integer, default: 0 } }
metrics: { path: "/report?site=:site&n=:n" }
`,
  );
  const clock = new ManualClock();
  const service = await listeningApp(t, { folder, clock });
  const turned = async <T>(answered: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    answered.then(over, over);
    while (!isOver) {
      await sleep(10);
      if (!isOver) clock.advance(STEP_MS);
    }
    return answered;
  };
  // A refresh that waits for the budget may have to be waited for.
  t.teardown(() => turned(service.stop()));
  return {
    ...service,
    upstream,
    clock,
    callsOf: (site) => upstream.asked.filter(({ target }) => target.includes(`site=${site}&`)).length,
    turned,
  };
}

function pathOf(site: number, n = 0): string {
  return `/dashboards/report/metrics?site=${site}&n=${n}`;
}

/** What the statistics say of both promises, in JSON and for Prometheus. */
async function breachesOf(service: ListeningApp) {
  const { process } = await statisticsOf(service);
  const { contract_breaches: contract, budget_breaches: budget } = process.events;
  const { text } = await service.get('/metrics');
  const told = ['contract_breaches', 'budget_breaches'].map((event) =>
    Number(new RegExp(`_cache_events_total\\{event="${event}"\\} (\\d+)$`, 'm').exec(text)?.[1]),
  );
  return { contract, budget, told };
}

t.test(
  'given a budget that is spent, who has nothing is told when to come back, and is served then',
  async (t) => {
    const service = await budgetService(t, { perMinuteCount: 2, deadline: '10s' });
    for (const site of [1, 2]) t.equal((await service.get(pathOf(site))).status, 200);
    const refused = await service.turned(service.get(pathOf(3)));
    t.equal(refused.status, 503);
    t.match(refused.headers['content-type'], 'application/problem+json');
    t.match(refused.json(), { code: 'source_overloaded', status: 503 });
    t.equal(service.upstream.callsOf('/report'), 2, 'the source was not asked');
    t.match((await statisticsOf(service)).sources, [{ queries: 2, budget_waits: 1, budget_refusals: 1 }]);
    t.match(
      (await service.get('/metrics')).text,
      'dashcache_source_budget_refusals_total{source="reports"} 1\n',
    );
    const retryAfterMs = Number(refused.headers['retry-after']) * 1000;
    t.ok(retryAfterMs > 0 && retryAfterMs < MINUTE_MS, 'he is told when');
    service.clock.advance(retryAfterMs);
    t.equal((await service.get(pathOf(3))).status, 200, 'and then there is something');
  },
);

t.test('given a budget that is spent, who has old data is given them, stale and counted', async (t) => {
  const service = await budgetService(t, { perMinuteCount: 1, deadline: '30s' });
  const first = await service.get(pathOf(1));
  service.clock.advance(CONTRACT_MS - 1000);
  const stale = await service.get(pathOf(1));
  t.match(stale.cacheStatus, /hit; ttl=-\d+; detail=l1/);
  t.same(await breachesOf(service), { contract: 0, budget: 0, told: [0, 0] }, 'stale within the contract');

  service.clock.advance(1000);
  const old = await service.turned(service.get(pathOf(1)));
  t.equal(old.status, 200);
  t.match(old.cacheStatus, 'detail=stale-if-error', 'too old, and marked');
  t.equal(old.text, first.text);
  t.same(await breachesOf(service), { contract: 1, budget: 1, told: [1, 1] });
  t.equal(service.upstream.callsOf('/report'), 1);

  // Control: with budget again, and a source that fails, the reason is another one.
  service.upstream.on('/report', answer({ status: 500 }));
  service.clock.advance(MINUTE_MS);
  const failed = await service.turned(service.get(pathOf(1)));
  t.match(failed.cacheStatus, 'detail=stale-if-error');
  t.same(await breachesOf(service), { contract: 2, budget: 1, told: [2, 1] });
});

t.test('given a tenant who floods, another has his part as soon as there is something', async (t) => {
  const perMinuteCount = 20;
  const service = await budgetService(t, { perMinuteCount, deadline: '20m' });
  const { upstream } = service;
  const flood = Array.from({ length: 100 }, (_empty, n) => service.get(pathOf(1, n)));
  t.ok(await until(() => upstream.asked.length === perMinuteCount), 'the first minute is all of the flood');
  const others = Array.from({ length: perMinuteCount / 2 }, (_empty, n) => service.get(pathOf(2, n)));
  const waits = async () => (await statisticsOf(service)).sources[0]?.budget_waits;
  const waitingCount = flood.length + others.length - perMinuteCount;
  t.ok(await until(async () => (await waits()) === waitingCount), 'all others wait, he as the last one');
  const answers = await service.turned(Promise.all(others));
  t.ok(answers.every(({ status }) => status === 200));
  t.equal(service.callsOf(2), others.length);
  t.ok(
    service.callsOf(1) <= 2 * perMinuteCount,
    `${service.callsOf(1)} of the flood, all of the first minute with it: the others were never behind the rest`,
  );
  const flooded: Answer[] = await service.turned(Promise.all(flood));
  t.ok(
    flooded.every(({ status }) => status === 200),
    'and the flood has what is left',
  );
});
