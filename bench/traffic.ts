import { lognormal, seededRandom, zipfIndex } from './random.js';

export type VisitCause = 'open' | 'refresh' | 'reload' | 'period' | 'site';

/** One request for a whole dashboard. */
export interface Visit {
  /** Whole ms since the start of the hour. */
  readonly atMs: number;
  readonly viewer: number;
  readonly siteId: number;
  /** As in the query string; null leaves the default. */
  readonly period: string | null;
  readonly cause: VisitCause;
}

export interface Traffic {
  readonly seed: number;
  readonly viewersCount: number;
  /** The first is the one most looked at, the n-th in proportion to 1/n. */
  readonly siteIds: readonly number[];
  readonly durationMs: number;
}

const MINUTE_MS = 60_000;
/** What people look at instead of the default of 30 days. */
const OTHER_PERIODS = ['7d', '14d', '90d', '24h', '6mo'];
/** Three in ten viewers are screens on a wall: always on, never touched. */
const SCREENS_SHARE = 0.3;
const SCREEN_REFRESH_MS = MINUTE_MS;
const PAGE_REFRESH_MS = 2 * MINUTE_MS;
const RELOAD_MEDIAN_MS = 5 * MINUTE_MS;
const SESSION_MEDIAN_MS = 18 * MINUTE_MS;
const BREAK_MEDIAN_MS = 9 * MINUTE_MS;
/** What a person does when they touch the page: another period, another site, or else just reload. */
const PERIOD_CHANGE_SHARE = 0.25;
const SITE_CHANGE_SHARE = 0.15;

/**
 * All visits of a working hour, in order of time; the same for the same input. Screens on walls refresh every minute;
 * people come and go, their page refreshes every two minutes while it is open, and now and then they reload it, change
 * the period (and go back to the default at the next change) or look at another site.
 */
export function workingHour(traffic: Traffic): readonly Visit[] {
  const random = seededRandom(traffic.seed);
  const screensCount = Math.round(traffic.viewersCount * SCREENS_SHARE);
  const visits: Visit[] = [];
  for (let viewer = 0; viewer < traffic.viewersCount; viewer++) {
    // Each viewer has numbers of its own: one more visit of one does not change those of the others.
    const own = seededRandom(Math.floor(random() * 0x1_0000_0000));
    visits.push(...(viewer < screensCount ? screen(viewer, traffic, own) : person(viewer, traffic, own)));
  }
  return visits
    .map((visit) => ({ ...visit, atMs: Math.floor(visit.atMs) }))
    .sort((a, b) => a.atMs - b.atMs || a.viewer - b.viewer);
}

function screen(viewer: number, traffic: Traffic, random: () => number): Visit[] {
  const siteId = chooseSite(traffic, random);
  const firstMs = random() * SCREEN_REFRESH_MS;
  const visits: Visit[] = [];
  for (let atMs = firstMs; atMs < traffic.durationMs; atMs += SCREEN_REFRESH_MS)
    visits.push({ atMs, viewer, siteId, period: null, cause: atMs === firstMs ? 'open' : 'refresh' });
  return visits;
}

function person(viewer: number, traffic: Traffic, random: () => number): Visit[] {
  const visits: Visit[] = [];
  const home = chooseSite(traffic, random);
  // Most come in the first quarter of the hour, as after a meeting.
  let atMs = random() ** 2 * 0.5 * traffic.durationMs;
  while (atMs < traffic.durationMs) {
    const leavesAtMs = Math.min(traffic.durationMs, atMs + lognormal(random, SESSION_MEDIAN_MS, 0.7));
    visits.push(...session({ viewer, siteId: home, fromMs: atMs, toMs: leavesAtMs }, traffic, random));
    atMs = leavesAtMs + lognormal(random, BREAK_MEDIAN_MS, 0.8);
  }
  return visits;
}

interface Session {
  readonly viewer: number;
  readonly siteId: number;
  readonly fromMs: number;
  readonly toMs: number;
}

function session({ viewer, siteId, fromMs, toMs }: Session, traffic: Traffic, random: () => number): Visit[] {
  let current: Visit = { atMs: fromMs, viewer, siteId, period: null, cause: 'open' };
  const visits = [current];
  let touchMs = fromMs + lognormal(random, RELOAD_MEDIAN_MS, 0.9);
  for (;;) {
    const refreshMs = current.atMs + PAGE_REFRESH_MS;
    const atMs = Math.min(refreshMs, touchMs);
    if (atMs >= toMs) return visits;
    if (touchMs <= refreshMs) {
      current = { ...current, ...touch(current, traffic, random), atMs };
      touchMs = atMs + lognormal(random, RELOAD_MEDIAN_MS, 0.9);
    } else {
      current = { ...current, atMs, cause: 'refresh' };
    }
    visits.push(current);
  }
}

function touch(
  current: Visit,
  traffic: Traffic,
  random: () => number,
): Pick<Visit, 'cause'> & Partial<Visit> {
  const choice = random();
  if (choice < PERIOD_CHANGE_SHARE) {
    const other = OTHER_PERIODS[Math.floor(random() * OTHER_PERIODS.length)] ?? null;
    return { cause: 'period', period: current.period === null ? other : null };
  }
  if (choice < PERIOD_CHANGE_SHARE + SITE_CHANGE_SHARE)
    return { cause: 'site', siteId: chooseSite(traffic, random) };
  return { cause: 'reload' };
}

function chooseSite(traffic: Traffic, random: () => number): number {
  const siteId = traffic.siteIds[zipfIndex(random, traffic.siteIds.length)];
  if (siteId === undefined) throw new Error('traffic needs at least one site');
  return siteId;
}
