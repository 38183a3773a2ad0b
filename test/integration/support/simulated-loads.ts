import type { Test } from 'tap';
import { buildApp } from '../../../app.js';
import { loadOptions } from '../../../config/load-options.js';
import { loadConfig } from '../../../config.js';
import { readAccessLog } from '../../../services/access-log.js';
import { loadDefinitions } from '../../../services/definitions/load-definitions.js';
import { type Simulated, simulate } from '../../../services/simulate/simulate.js';
import { type Tried, withTried } from '../../../services/simulate/tried-policies.js';
import type { EnabledStatisticsBody } from '../../../services/statistics/report-schema.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { SeededRandom } from '../../helpers/seeded-random.js';
import { DASHCACHE, SITES_COUNT, shopFolder } from './shop.js';

const HIT_RATE_POINTS = 3;
const QUERIES_SHARE = 0.1;
const START_MS = Date.UTC(2026, 10, 25, 9);
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;
const PERIODS = ['2026-01-01/2026-02-01', '2026-03-01/2026-04-01', '2026-02-01/2026-05-01', null];
const PATHS = ['', '/metrics', '/charts/by_day', '/charts/by_kind', '/summary'];

export interface Visit {
  readonly atMs: number;
  readonly url: string;
}

/** Screens that show a few sites and ask each minute, and people who come by: most reads are of the same. */
export function screens(random: SeededRandom): Visit[] {
  const visits: Visit[] = [];
  for (let screen = 0; screen < 6; screen++)
    for (let atMs = random.between(0, 59_000); atMs < 2 * HOUR_MS; atMs += 60_000)
      visits.push({ atMs, url: addressOf(1 + (screen % 4), '', null) });
  for (let atMs = 0; atMs < 2 * HOUR_MS; atMs += random.between(SECOND_MS, 90 * SECOND_MS))
    visits.push({ atMs, url: addressOf(siteOf(random), random.pick(PATHS), random.pick(PERIODS)) });
  return visits.sort((a, b) => a.atMs - b.atMs);
}

/** An office where everybody opens something else at nine, at eleven and after lunch, in bursts. */
export function bursts(random: SeededRandom): Visit[] {
  const visits: Visit[] = [];
  for (const fromMs of [0, 0.6 * HOUR_MS, 1.7 * HOUR_MS, 2.8 * HOUR_MS])
    for (let i = 0; i < 150; i++)
      visits.push({
        atMs: fromMs + random.between(0, 15 * 60_000),
        url: addressOf(random.between(1, SITES_COUNT), random.pick(PATHS), random.pick(PERIODS)),
      });
  return visits.sort((a, b) => a.atMs - b.atMs);
}

/** People who look through the charts of many sites and periods, some more often: more than a small memory holds. */
export function archive(random: SeededRandom): Visit[] {
  const months = ['01', '02', '03', '04', '05', '06'];
  const periods = months.flatMap((from) => ['2026-07-01', '2026-07-02'].map((to) => `2026-${from}-01/${to}`));
  const visits = Array.from({ length: 1500 }, () => ({
    atMs: random.between(0, HOUR_MS),
    url: addressOf(siteOf(random), '/charts/by_day', random.pick(periods)),
  }));
  return visits.sort((a, b) => a.atMs - b.atMs);
}

function siteOf(random: SeededRandom): number {
  return Math.min(random.between(1, SITES_COUNT), random.between(1, SITES_COUNT));
}

function addressOf(site: number, path: string, period: string | null): string {
  const query =
    period === null || path === '/charts/by_kind' || path === '/summary' ? '' : `&period=${period}`;
  return `/dashboards/shop${path}?site_id=${site}${query}`;
}

/** What a service is set to: lines of dashcache.yaml, what it may keep, and when a load job changes the sales. */
export interface Setting {
  readonly defaults?: string;
  readonly memoryMaxBytes?: number;
  /** Since the first visit. */
  readonly changedAtMs?: readonly number[];
}

/** How the same is tried. */
export interface Trial extends Omit<Setting, 'defaults'> {
  readonly tried?: readonly Tried[];
}

/** As it is set, as that is tried, and what a prediction that leaves it out would be. */
export type Comparison = readonly [set: Setting, tried: Trial, control: Trial];

/** Holds what is predicted of a load to what the service does with it, and the prediction of another setting beside it. */
export function testPrediction(
  t: Test,
  title: string,
  load: (random: SeededRandom) => Visit[],
  comparison: Comparison,
) {
  const [set, tried, control] = comparison;
  return t.test(`given the load "${load.name}", what ${title} gives is predicted`, async (t) => {
    const { log, ...measured } = await real(t, load(new SeededRandom(2026)), set);
    const simulated = await predicted(t, log, tried);
    const { hit_rate, queries } = simulated;
    const other = await predicted(t, log, control);
    t.comment({ measured, predicted: [hit_rate, queries], control: [other.hit_rate, other.queries] });
    t.equal(simulated.reads, measured.reads);
    t.ok(isNear(simulated, measured), 'as near as it has to be');
    t.notOk(isNear(other, measured), 'control: without it the prediction is another one');
  });
}

/** The service itself, on its database, at the instants of the visits; and the log that it writes of them. */
async function real(t: Test, visits: readonly Visit[], setting: Setting) {
  const { defaults = '', memoryMaxBytes = MEMORY_MAX_BYTES, changedAtMs = [] } = setting;
  const dashcache = DASHCACHE.replace(/^defaults: .*$/m, `defaults: { ${defaults} stale_if_error: 24h }`);
  const folder = await shopFolder(t, { 'dashcache.yaml': dashcache });
  const config = loadConfig({
    LOG_LEVEL: 'silent',
    DASHCACHE_CONFIG: folder,
    MEMORY_MAX_BYTES: String(memoryMaxBytes),
  });
  const clock = new ManualClock(START_MS);
  const app = await buildApp(config, { clock, logger: false });
  t.teardown(() => app.close());
  await app.ready();
  const changes = [...changedAtMs];
  const log: string[] = [];
  for (const { atMs, url } of visits) {
    for (let next = changes[0]; next !== undefined && next <= atMs; next = changes[0]) {
      clock.advance(next - clock.monotonicMs());
      await app.inject({
        ...{ method: 'POST', url: '/cache/invalidations', payload: { table: 'sales', mode: 'expire' } },
      });
      await app.dashboardCache.cache.settled();
      changes.shift();
    }
    clock.advance(atMs - clock.monotonicMs());
    const { statusCode, rawPayload } = await app.inject(url);
    if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
    const req = { method: 'GET', url };
    log.push(JSON.stringify({ time: START_MS + atMs, req, res: { statusCode }, bytes: rawPayload.length }));
    await app.dashboardCache.cache.settled();
  }
  const { process } = (await app.inject('/reports/cache-statistics/')).json<EnabledStatisticsBody>();
  const { hit_rate: hitRate, source_queries: queriesCount, total_requests: reads } = process;
  return { hitRate, queriesCount, reads, log };
}

/** What a simulation of its log says. */
async function predicted(t: Test, log: readonly string[], trial: Trial): Promise<Simulated> {
  const { tried = [], memoryMaxBytes: maxBytes = MEMORY_MAX_BYTES, changedAtMs = [] } = trial;
  const config = loadConfig({ LOG_LEVEL: 'silent', DASHCACHE_CONFIG: await shopFolder(t) });
  const definitions = await loadDefinitions(config.configFolder, loadOptions(config));
  async function* lines() {
    yield* log;
  }
  const { reads } = await readAccessLog(lines());
  return simulate({
    definitions: withTried(definitions, tried),
    reads,
    changes: changedAtMs.map((atMs) => ({ atMs: START_MS + atMs, table: 'sales' })),
    tablesOf: ({ id }) => (id === 'summary' ? ['sites'] : ['sales']),
    basePath: '',
    loadMs: 0,
    maxBytes,
    cachesCount: 1,
    random: () => 0.5,
  });
}

/** Whether a prediction is as near as it has to be: 3 points of the hit rate, and a tenth of the queries a minute. */
function isNear(
  { hit_rate, queries }: Simulated,
  measured: { readonly hitRate: number; readonly queriesCount: number },
): boolean {
  return (
    Math.abs(hit_rate - measured.hitRate) <= HIT_RATE_POINTS &&
    Math.abs(queries / measured.queriesCount - 1) <= QUERIES_SHARE
  );
}
