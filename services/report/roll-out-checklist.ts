import { type Box, personBox, type Section, type Seen, seenBox } from './checklist.js';
import { FIGURE_TITLES, figureText, targetText } from './figure-text.js';
import type { SuccessRow } from './success-report.js';
import { weekOneSection } from './week-one-section.js';

const DAY_MINUTES_COUNT = 24 * 60;
const LOW_HIT_RATE_PERCENT = 40;
const TOO_MUCH_REDIS_BYTES = 500_000_000;

/** The checklist of a roll-out, its boxes ticked as far as a machine can see, each with what it saw. */
export function rollOutChecklist(seen: Seen): Section[] {
  return [
    { title: 'Before the deployment', boxes: [...preparationBoxes(seen), ...redisBoxes(seen)] },
    { title: 'Staging and deployment', boxes: deploymentBoxes(seen) },
    weekOneSection(seen.report),
    { title: 'Weeks 2 to 4', boxes: tuningBoxes() },
    { title: 'Going back', boxes: rollBackBoxes(seen) },
    { title: 'Troubleshooting', boxes: troubleBoxes(seen) },
    { title: 'Success', boxes: seen.report.table.map(successBox) },
    { title: 'Sign-off', boxes: signOffBoxes() },
  ];
}

function preparationBoxes({ definitions, report }: Seen): Box[] {
  return [
    seenBox('Validation passes', 'dashcache validate', validated(definitions)),
    seenBox('Monitoring is on', 'CACHE_MONITORING=true', {
      isSo: true,
      evidence: `${report.total.requests} reads counted since ${report.since}`,
    }),
    personBox('Optimizer previewed', 'dashcache optimize --dry-run --path DIR'),
    personBox('Optimizations applied', 'dashcache optimize --path DIR'),
    seenBox('Baseline measured', 'dashcache report baseline', {
      isSo: report.baseline ? report.baseline.reads > 0 : null,
      evidence: report.baseline && `${report.baseline.reads} reads at ${report.baseline.measured_at}`,
    }),
  ];
}

function validated(definitions: Seen['definitions']): { isSo: boolean | null; evidence: string | null } {
  if (definitions === null) return { isSo: null, evidence: null };
  const { faultsCount, absentSources, dashboardsCount, panelsCount } = definitions;
  if (faultsCount > 0) return { isSo: false, evidence: `faults: ${faultsCount}` };
  if (absentSources.length > 0)
    return { isSo: null, evidence: `does not answer: ${absentSources.join(', ')}` };
  return { isSo: true, evidence: `dashboards: ${dashboardsCount}, panels: ${panelsCount}` };
}

function redisBoxes({ redis, degraded, hits, requests }: Seen): Box[] {
  const away = degraded.includes('redis');
  return [
    seenBox('Redis answers', 'dashcache stats', {
      isSo: redis !== null && !away,
      evidence: away
        ? 'degraded: redis'
        : redis
          ? 'it tells what we hold'
          : 'no Redis, or it does not answer',
    }),
    seenBox('Redis holds entries', 'dashcache stats', {
      isSo: redis === null ? null : redis.entries > 0,
      evidence: redis && `entries: ${redis.entries}, ${figureText('bytes', redis.bytes)}`,
    }),
    personBox('The eviction policy is volatile-lru, volatile-lfu or noeviction', 'dashcache doctor'),
    seenBox('A second read is a hit (cache_result)', 'dashcache explain URL', {
      isSo: requests === 0 ? null : hits > 0,
      evidence: requests === 0 ? null : `${hits} hits of ${requests} reads`,
    }),
    seenBox('Statistics answer (get_cache_stats)', 'dashcache stats', {
      isSo: true,
      evidence: 'they made this page',
    }),
  ];
}

function deploymentBoxes({ report, degraded, switchedOff }: Seen): Box[] {
  const { minutes } = report.total;
  const rate = report.table.find(({ name }) => name === 'hit_rate');
  const hours = Math.floor(minutes / 60);
  return [
    seenBox('24 hours of traffic', 'dashcache report', {
      isSo: minutes >= DAY_MINUTES_COUNT ? true : null,
      evidence: `${hours} h measured, ${report.total.requests} reads`,
    }),
    ...(rate ? [successBox(rate)] : []),
    seenBox('Nothing is degraded', '/health/ready', {
      isSo: degraded.length === 0,
      evidence: degraded.length === 0 ? 'ready' : `degraded: ${degraded.join(', ')}`,
    }),
    seenBox('The cache is on', 'dashcache switch', {
      isSo: switchedOff && switchedOff.length === 0,
      evidence:
        switchedOff && (switchedOff.length === 0 ? 'for all panels' : `off: ${switchedOff.join(', ')}`),
    }),
    personBox('Alarms are set', 'deploy/'),
  ];
}

function tuningBoxes(): Box[] {
  return [
    personBox('TTLs fitted to what was observed', 'dashcache simulate'),
    personBox('Warming arranged', 'dashcache warm'),
    personBox('Looked for more worth caching', 'dashcache simulate'),
    personBox('LOG_INTERVAL and SLOW_CACHE_THRESHOLD fit the traffic', 'docs/settings.md'),
  ];
}

function rollBackBoxes({ rehearsed }: Seen): Box[] {
  const { switches = 0, flushes = 0 } = rehearsed ?? {};
  const done = (count: number, what: string) => ({
    isSo: count > 0 ? true : null,
    evidence: count > 0 ? `${what}: ${count}` : null,
  });
  return [
    seenBox('Switching off was tried', 'dashcache switch off', done(switches, 'switches remembered')),
    seenBox('Flushing was tried', 'dashcache flush', done(flushes, 'flushes remembered')),
    personBox('The way back to the old version was tried', 'docs/deployment.md'),
  ];
}

/** The three cases of the old document: ticked where they are not so. */
function troubleBoxes({ report, redis }: Seen): Box[] {
  const rate = report.total.actual.hit_rate;
  const rateSeen = rate === null ? null : `hit rate: ${figureText('percent', rate)}`;
  const bytes = redis?.bytes ?? report.total.actual.redis_memory;
  return [
    seenBox('The hit rate is not 0 %', 'dashcache doctor', {
      isSo: rate === null ? null : rate > 0,
      evidence: rateSeen,
    }),
    seenBox(`The hit rate is not below ${LOW_HIT_RATE_PERCENT} %`, 'dashcache doctor', {
      isSo: rate === null ? null : rate >= LOW_HIT_RATE_PERCENT,
      evidence: rateSeen,
    }),
    seenBox('Redis holds no more than 500 MB', 'dashcache doctor', {
      isSo: bytes === null ? null : bytes <= TOO_MUCH_REDIS_BYTES,
      evidence: bytes === null ? null : figureText('bytes', bytes),
    }),
  ];
}

function successBox(row: SuccessRow): Box {
  const baseline = row.baseline === null ? '' : `, before: ${figureText(row.unit, row.baseline)}`;
  return seenBox(`${FIGURE_TITLES[row.name]} ${targetText(row)}`, 'dashcache report', {
    isSo: row.met,
    evidence: row.actual === null ? null : `${figureText(row.unit, row.actual)}${baseline}`,
  });
}

function signOffBoxes(): Box[] {
  return ['Developer', 'Operations', 'Product'].map((role) => personBox(`${role}: name, date`));
}
