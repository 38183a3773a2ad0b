import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchApp } from './bench-app.js';
import type { Visit } from './traffic.js';

/** Visits that are no further apart than this are sent together. */
const TOGETHER_MS = 250;
/** Real time for what goes on behind an answer, before the hands are turned: in life there are seconds for it. */
const SETTLE_MS = 5;

/**
 * Sends the visits, turning the clock, whose start is the instant `originMs` of the traffic, to the instant of each;
 * resolves to how long each waited, in real ms.
 */
export async function replay(
  { app, clock }: BenchApp,
  visits: readonly Visit[],
  originMs: number,
): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (const group of together(visits)) {
    clock.advance((group[0]?.atMs ?? 0) - originMs - clock.monotonicMs());
    latenciesMs.push(...(await Promise.all(group.map((visit) => load(app, visit)))));
    await sleep(SETTLE_MS);
  }
  return latenciesMs;
}

function together(visits: readonly Visit[]): Visit[][] {
  const groups: Visit[][] = [];
  for (const visit of visits) {
    const group = groups.at(-1);
    if (group?.[0] && visit.atMs - group[0].atMs <= TOGETHER_MS) group.push(visit);
    else groups.push([visit]);
  }
  return groups;
}

async function load(app: BenchApp['app'], { siteId, period }: Visit): Promise<number> {
  const url = `/dashboards/operations?site_id=${siteId}${period === null ? '' : `&period=${period}`}`;
  const startMs = performance.now();
  const response = await app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } });
  const latencyMs = performance.now() - startMs;
  if (response.statusCode !== 200)
    throw new Error(`${url} answered ${response.statusCode}: ${response.body}`);
  return latencyMs;
}

/** The value that this share of the numbers does not exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
