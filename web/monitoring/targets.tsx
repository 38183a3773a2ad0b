import type { EnabledStatisticsBody, Target } from './answers.js';
import { bytes, count, counted, milliseconds, NOTHING, percent, share } from './format.js';

/** What is measured beside what it should be, the figures first. */
export function Targets({ statistics }: { statistics: EnabledStatisticsBody }) {
  const { cache_stats: reads, process, memory, targets, processes } = statistics;
  const held = processes.reduce((sum, { memory_bytes }) => sum + memory_bytes, 0);
  return (
    <section aria-labelledby="targets">
      <h2 id="targets" class="unseen">
        Targets
      </h2>
      <ul class="tiles">
        {targets.map((target) => (
          <TargetTile key={target.name} target={target} note={noteOf(target, statistics)} />
        ))}
      </ul>
      <ul class="tiles small">
        <Tile
          name="reads"
          title="Panel reads"
          figure={count(reads.total_requests)}
          note="since the start of the processes"
        />
        <Tile
          name="stale_share"
          title="Stale share of hits"
          figure={percent(share(reads.stale_hits, reads.hits))}
          note={`${count(reads.stale_hits)} served while being refreshed`}
        />
        <Tile
          name="errors"
          title="Errors"
          figure={count(reads.errors)}
          note={`${count(reads.bypasses)} bypasses beside them`}
        />
        <Tile
          name="memory"
          title="Cache in memory"
          figure={bytes(held)}
          note={`${bytes(memory.max_bytes)} at most in each of ${counted(processes.length, 'process', 'processes')}`}
        />
        <Tile
          name="resident"
          title="Memory of the process"
          figure={bytes(process.resident_bytes)}
          note={`all of it, process ${process.pid}`}
        />
      </ul>
    </section>
  );
}

const TITLES: Readonly<Record<Target['name'], string>> = {
  hit_rate: 'Hit rate',
  load_time: '95 % of loads within',
  source_queries: 'Source queries a minute',
  redis_memory: 'Redis memory',
};

const FORMATS: Readonly<Record<Target['unit'], (value: number | null) => string>> = {
  percent,
  ms: milliseconds,
  per_minute: count,
  bytes,
};

function noteOf(
  { name }: Target,
  { cache_stats, recommendation, latency, sources, redis }: EnabledStatisticsBody,
) {
  if (name === 'hit_rate')
    return cache_stats.total_requests === 0
      ? 'No reads yet: open a dashboard, or warm one below'
      : recommendation;
  if (name === 'load_time')
    return latency.dashboard.count > 0 ? 'whole dashboards' : 'single panels: no dashboard was read whole';
  if (name === 'source_queries') {
    const budgets = sources.map(({ budget_per_minute }) => budget_per_minute).filter((one) => one !== null);
    const budget = budgets.reduce((sum, one) => sum + one, 0);
    return budgets.length === 0 ? 'no budget is declared' : `budget ${count(budget)} a minute`;
  }
  if (!redis) return 'No Redis, or it does not answer: REDIS_URL makes processes share one cache';
  return `${count(redis.entries)} entries, ${bytes(redis.max_bytes)} at most`;
}

function TargetTile({ target, note }: { target: Target; note: string }) {
  const format = FORMATS[target.unit];
  const { actual, wanted, met } = target;
  const state = met === null ? 'unknown' : met ? 'met' : 'missed';
  return (
    <li class={`tile ${state}`} data-target={target.name}>
      <h3>{TITLES[target.name]}</h3>
      <p class="figure">{format(actual)}</p>
      <Gauge target={target} />
      <p class="state">
        <span aria-hidden="true">{{ met: '✓', missed: '✕', unknown: '○' }[state]} </span>
        {{ met: 'On target', missed: 'Off target', unknown: 'Nothing to measure yet' }[state]}
        <span class="quiet">
          {' '}
          · {wanted === 'at_least' ? 'at least' : 'at most'} {format(target.target)}
        </span>
      </p>
      <p class="note">{note}</p>
    </li>
  );
}

/** A bar with a mark at the target; the figures beside it say the same in words. */
function Gauge({ target: { actual, target, unit } }: { target: Target }) {
  const end = unit === 'percent' ? 100 : target / 0.8;
  const at = (value: number) => `${Math.min(100, (100 * value) / end)}%`;
  return (
    <div class="gauge" aria-hidden="true">
      <div class="gauge-value" style={{ width: at(actual ?? 0) }} />
      <div class="gauge-mark" style={{ left: at(target) }} />
    </div>
  );
}

function Tile({ name, title, figure, note }: { name: string; title: string; figure: string; note: string }) {
  return (
    <li class="tile" data-figure={name}>
      <h3>{title}</h3>
      <p class="figure">{figure || NOTHING}</p>
      <p class="note">{note}</p>
    </li>
  );
}
