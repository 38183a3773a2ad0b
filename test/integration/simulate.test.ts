import t, { type Test } from 'tap';
import { buildApp } from '../../app.js';
import { loadOptions } from '../../config/load-options.js';
import { loadConfig } from '../../config.js';
import { type AccessLog, readAccessLog } from '../../services/access-log.js';
import { loadDefinitions } from '../../services/definitions/load-definitions.js';
import { type Simulated, simulate } from '../../services/simulate/simulate.js';
import { type Tried, withTried } from '../../services/simulate/tried-policies.js';
import type { EnabledStatisticsBody } from '../../services/statistics/report-schema.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { SeededRandom } from '../helpers/seeded-random.js';
import { DASHCACHE, SITES_COUNT, shopFolder } from './support/shop.js';

const HIT_RATE_POINTS = 3;
const QUERIES_SHARE = 0.1;
const START_MS = Date.UTC(2026, 10, 25, 9);
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;
const PERIODS = ['2026-01-01/2026-02-01', '2026-03-01/2026-04-01', '2026-02-01/2026-05-01', null];
const PATHS = ['', '/metrics', '/charts/by_day', '/charts/by_kind', '/summary'];

interface Visit {
  readonly atMs: number;
  readonly url: string;
}

/** Screens that show a few sites and ask each minute, and people who come by: most reads are of the same. */
function screens(random: SeededRandom): Visit[] {
  const visits: Visit[] = [];
  for (let screen = 0; screen < 6; screen++)
    for (let atMs = random.between(0, 59_000); atMs < 2 * HOUR_MS; atMs += 60_000)
      visits.push({ atMs, url: addressOf(1 + (screen % 4), '', null) });
  for (let atMs = 0; atMs < 2 * HOUR_MS; atMs += random.between(SECOND_MS, 90 * SECOND_MS))
    visits.push({ atMs, url: addressOf(siteOf(random), random.pick(PATHS), random.pick(PERIODS)) });
  return visits.sort((a, b) => a.atMs - b.atMs);
}

/** An office where everybody opens something else at nine, at eleven and after lunch, in bursts. */
function bursts(random: SeededRandom): Visit[] {
  const visits: Visit[] = [];
  for (const fromMs of [0, 0.6 * HOUR_MS, 1.7 * HOUR_MS, 2.8 * HOUR_MS])
    for (let i = 0; i < 150; i++)
      visits.push({
        atMs: fromMs + random.between(0, 15 * 60_000),
        url: addressOf(random.between(1, SITES_COUNT), random.pick(PATHS), random.pick(PERIODS)),
      });
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

/** The service itself, on its database, at the instants of the visits. */
async function real(t: Test, visits: readonly Visit[], ttl: string) {
  const folder = await shopFolder(t, { 'dashcache.yaml': DASHCACHE.replace('ttl: 10m', `ttl: ${ttl}`) });
  const config = loadConfig({ LOG_LEVEL: 'silent', DASHCACHE_CONFIG: folder });
  const clock = new ManualClock(START_MS);
  const app = await buildApp(config, { clock, logger: false });
  t.teardown(() => app.close());
  await app.ready();
  for (const { atMs, url } of visits) {
    clock.advance(atMs - clock.monotonicMs());
    const { statusCode } = await app.inject(url);
    if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
    await app.dashboardCache.cache.settled();
  }
  const { process } = (await app.inject('/reports/cache-statistics/')).json<EnabledStatisticsBody>();
  return { hitRate: process.hit_rate, queriesCount: process.source_queries, reads: process.total_requests };
}

/** The log that a web server before it writes. */
async function logOf(visits: readonly Visit[]): Promise<AccessLog> {
  async function* lines() {
    for (const { atMs, url } of visits) yield `${new Date(START_MS + atMs).toISOString()} GET ${url}`;
  }
  return readAccessLog(lines());
}

async function predicted(t: Test, visits: readonly Visit[], tried: readonly Tried[]): Promise<Simulated> {
  const config = loadConfig({ LOG_LEVEL: 'silent', DASHCACHE_CONFIG: await shopFolder(t) });
  const definitions = await loadDefinitions(config.configFolder, loadOptions(config));
  const { reads } = await logOf(visits);
  return simulate({
    definitions: withTried(definitions, tried),
    reads,
    changes: [],
    tablesOf: () => [],
    basePath: '',
    loadMs: 0,
    maxBytes: MEMORY_MAX_BYTES,
    cachesCount: 1,
    random: () => 0.5,
  });
}

for (const [name, load] of Object.entries({ screens, bursts })) {
  const visits = load(new SeededRandom(2026));
  for (const [ttl, tried] of [
    ['10m', []],
    ['1m', [{ key: 'ttlMs', panels: null, ms: 60_000 }]],
  ] as const)
    t.test(`given the load "${name}", what a ttl of ${ttl} gives is predicted`, async (t) => {
      const measured = await real(t, visits, ttl);
      const simulated = await predicted(t, visits, tried);
      t.comment({ measured, predicted: [simulated.hit_rate, simulated.queries] });
      t.equal(simulated.reads, measured.reads);
      t.ok(Math.abs(simulated.hit_rate - measured.hitRate) <= HIT_RATE_POINTS, 'hits');
      t.ok(Math.abs(simulated.queries / measured.queriesCount - 1) <= QUERIES_SHARE, 'queries');
      const other = await predicted(t, visits, [
        { key: 'ttlMs', panels: null, ms: ttl === '1m' ? 600_000 : 60_000 },
      ]);
      t.ok(
        Math.abs(other.queries / measured.queriesCount - 1) > QUERIES_SHARE,
        'control: the prediction for the other ttl is another one',
      );
    });
}
