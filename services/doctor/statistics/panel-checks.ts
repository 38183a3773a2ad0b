import { type Check, check, foundIf } from '../check.js';
import type { Facts } from '../facts.js';
import { countInWords, someOf } from '../words.js';
import { type Combinations, combinationsOf } from './combinations.js';
import { type Load, loadsOf } from './miss-causes.js';

const NEVER_HIT_READS_COUNT = 20;
const UNUSED_AFTER_SECONDS = 86_400;
const SLOW_MS = 1000;
const MIN_LOADS_COUNT = 3;

/** What the figures and the trail say of single panels. */
export const panelChecks: readonly Check[] = [
  check({
    id: 'panel-never-hit',
    group: 'statistics',
    severity: 'warning',
    what: 'Every panel that is read often is sometimes a hit',
    fix: 'ask why one read of it misses: `dashcache explain URL`; if its parameters never repeat, align them',
    needs: ['statistics'],
    run: ({ statistics: { panels } }) => {
      const never = panels.filter(({ hits, misses }) => hits === 0 && misses >= NEVER_HIT_READS_COUNT);
      return never.map(({ dashboard, panel, misses }) => ({
        evidence: `${dashboard}/${panel}: ${countInWords(misses, 'miss', 'misses')} and no hit`,
      }));
    },
  }),
  check({
    id: 'panel-unused',
    group: 'statistics',
    severity: 'note',
    what: 'Every declared panel is read within a day',
    fix: 'take it out of its dashboard, or see whether its page still asks for it',
    needs: ['statistics'],
    run: ({ statistics }) => {
      if (statistics.process.uptime_seconds < UNUSED_AFTER_SECONDS) return [];
      const unused = statistics.panels.filter(({ total_requests }) => total_requests === 0);
      return foundIf(unused.length > 0 && statistics.cache_stats.total_requests > 0, () => ({
        evidence: `never read since the start: ${someOf(unused.map(({ dashboard, panel }) => `${dashboard}/${panel}`))}`,
      }));
    },
  }),
  check({
    id: 'panel-slow',
    group: 'statistics',
    severity: 'warning',
    what: 'A panel loads within a second, and far within its deadline',
    fix: 'look at its plan (index-missing), give it a longer ttl and grace, and warm it: then nobody waits for it',
    needs: ['events'],
    run: (_facts, gathered) =>
      [...byPanel(loadsOf(gathered.events))].flatMap(([panel, loads]) => {
        const durations = loads.map(({ duration_ms }) => duration_ms).toSorted((a, b) => a - b);
        const medianMs = durations[Math.floor(durations.length / 2)] ?? 0;
        return foundIf(durations.length >= MIN_LOADS_COUNT && medianMs > SLOW_MS, () => ({
          evidence: `${panel}: a load takes ${Math.round(medianMs)} ms in the median of ${durations.length}, ${Math.round(durations.at(-1) ?? 0)} ms at the worst`,
        }));
      }),
  }),
  check({
    id: 'parameter-cardinality',
    group: 'statistics',
    severity: 'warning',
    what: 'Combinations of parameters come again',
    fix: 'align the period, give the string an enum or options, or have callers round what they send',
    needs: ['events'],
    run: (_facts, gathered) =>
      variedPanels(gathered.events.known ? loadsOf(gathered.events) : []).map(({ text }) => ({
        evidence: text,
      })),
  }),
  check({
    id: 'entry-too-large',
    group: 'statistics',
    severity: 'warning',
    what: 'Every loaded entry is small enough to be kept, and far below max_bytes',
    fix: 'have the panel give fewer rows (a LIMIT, a coarser GROUP BY), or raise max_bytes, MEMORY_MAX_BYTES and REDIS_MAX_BYTES',
    needs: ['statistics'],
    run: ({ statistics }, { entries }) => [
      ...foundIf((statistics.process.events['too_large'] ?? 0) > 0, () => ({
        evidence: `${countInWords(statistics.process.events['too_large'] ?? 0, 'load')} gave more than may be kept`,
      })),
      ...largeEntries(entries.known ? entries.value : []),
    ],
  }),
];

const LARGE_BYTES = 1_000_000;

function largeEntries(entries: Facts['entries']): { evidence: string }[] {
  return entries.flatMap(({ key, l1, l2 }) => {
    const bytes = Math.max(l1?.bytes ?? 0, l2?.bytes ?? 0);
    if (bytes <= LARGE_BYTES) return [];
    return [{ evidence: `${key.dashboard}/${key.panel}: one entry has ${(bytes / 1e6).toFixed(1)} MB` }];
  });
}

function variedPanels(loads: readonly Load[]): Combinations[] {
  return combinationsOf(loads).filter(({ isVaried }) => isVaried);
}

function byPanel(loads: readonly Load[]): Map<string, Load[]> {
  const panels = new Map<string, Load[]>();
  for (const load of loads) {
    const panel = `${load.dashboard}/${load.panel}`;
    panels.set(panel, [...(panels.get(panel) ?? []), load]);
  }
  return panels;
}
