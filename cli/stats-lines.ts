import type { EnabledStatisticsBody, StatisticsBody } from '../services/statistics/report-schema.js';
import {
  counted,
  readableBytes,
  readableCount,
  readableDuration,
  readablePercent,
} from './readable-figures.js';
import { statsPanelLines } from './stats-panel-lines.js';
import type { Terminal } from './terminal.js';

const LABEL_WIDTH = 13;

interface Shown {
  readonly allPanels: boolean;
  readonly colors: Terminal['colors'];
}

/** The statistics for a person. */
export function statsLines(body: StatisticsBody, { allPanels, colors }: Shown): string[] {
  if (!body.enabled) {
    return ['Nothing is measured: the service runs with CACHE_MONITORING=false. Set it to true and restart.'];
  }
  return [
    ...readLines(body, colors),
    ...latencyLines(body),
    ...resourceLines(body),
    '',
    colors.bold('Targets'),
    ...body.targets.map((target) => targetLine(target, colors)),
    '',
    ...statsPanelLines(body.panels, { all: allPanels, colors }),
  ];
}

function readLines(
  { cache_stats, recommendation }: EnabledStatisticsBody,
  colors: Terminal['colors'],
): string[] {
  const { hits, misses, stale_hits, error_hits, unproven_hits, collapsed } = cache_stats;
  const stale = [
    [stale_hits, 'stale while refreshed'],
    [error_hits, 'stale because the source failed'],
    [unproven_hits, 'unproven because Redis did not answer'],
  ] as const;
  return [
    labelled('Hit rate', `${colors.bold(readablePercent(cache_stats.hit_rate))}  ${recommendation}`),
    labelled('Reads', readableCount(cache_stats.total_requests)),
    labelled('  hits', withParts(hits, stale)),
    labelled('  misses', withParts(misses, [[collapsed, "joined another reader's load"]])),
    labelled('  bypasses', readableCount(cache_stats.bypasses)),
    labelled('  errors', readableCount(cache_stats.errors)),
  ];
}

function withParts(count: number, parts: readonly (readonly [count: number, what: string])[]): string {
  const present = parts.filter(([part]) => part > 0).map(([part, what]) => `${readableCount(part)} ${what}`);
  return present.length === 0
    ? readableCount(count)
    : `${readableCount(count)}, of them ${present.join(', ')}`;
}

const LATENCIES = {
  l1: 'from memory',
  l2: 'from Redis',
  source: 'from source',
  load: 'load',
  dashboard: 'whole dashboard',
} as const satisfies Record<keyof EnabledStatisticsBody['latency'], string>;

function latencyLines({ latency }: EnabledStatisticsBody): string[] {
  const measured = (['l1', 'l2', 'source', 'load', 'dashboard'] as const).filter(
    (name) => latency[name].count > 0,
  );
  const lines = measured.map((name) => {
    const { p50_ms, p95_ms } = latency[name];
    return labelled(`  ${LATENCIES[name]}`, `p50 ${durationOrNone(p50_ms)}, p95 ${durationOrNone(p95_ms)}`);
  });
  return lines.length === 0 ? [] : ['Latency', ...lines];
}

function durationOrNone(ms: number | null): string {
  return ms === null ? '–' : readableDuration(ms);
}

function resourceLines({ sources, memory, redis, processes, reach }: EnabledStatisticsBody): string[] {
  const own = reach === 'process' ? '; only this process is counted' : '';
  return [
    ...sources.map(({ name, queries, failures, queries_per_minute }) =>
      labelled(
        'Source',
        `${name}: ${counted(queries_per_minute, 'query', 'queries')} in the last minute, ` +
          `${readableCount(queries)} in all, ${readableCount(failures)} failed`,
      ),
    ),
    labelled(
      'Memory',
      `${readableBytes(memory.bytes)} of ${readableBytes(memory.max_bytes)} in ${counted(memory.entries, 'entry', 'entries')}`,
    ),
    labelled(
      'Redis',
      redis === null
        ? 'none, or it does not answer'
        : `${readableBytes(redis.bytes)} of ${readableBytes(redis.max_bytes)} in ${counted(redis.entries, 'entry', 'entries')}`,
    ),
    labelled('Processes', `${readableCount(processes.length)}${own}`),
  ];
}

type Target = EnabledStatisticsBody['targets'][number];

const TARGETS = {
  hit_rate: 'hit rate',
  load_time: 'load time (p95)',
  source_queries: 'source queries',
  redis_memory: 'memory in Redis',
} as const satisfies Record<Target['name'], string>;

const IN_UNIT = {
  percent: readablePercent,
  ms: readableDuration,
  per_minute: (count) => `${readableCount(count)}/min`,
  bytes: readableBytes,
} as const satisfies Record<Target['unit'], (figure: number) => string>;

function targetLine({ name, unit, wanted, target, actual, met }: Target, colors: Terminal['colors']): string {
  const inUnit = IN_UNIT[unit];
  const bound = `${wanted === 'at_least' ? 'at least' : 'at most'} ${inUnit(target)}`;
  const found = actual === null ? 'not measured yet' : inUnit(actual);
  const mark = met === null ? '·' : met ? colors.green('✓') : colors.red('✗');
  return `  ${mark} ${TARGETS[name]}: ${found} (${bound}${met === false ? ', missed' : ''})`;
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}  ${text}`;
}
