import { useMemo, useState } from 'preact/hooks';
import type { Api } from '../shared/api.js';
import { type Bucket, buckets } from './buckets.js';
import { Chart } from './chart.js';
import { bytes, count, milliseconds, percent } from './format.js';
import { Periods } from './periods.js';
import { useHistory } from './use-history.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const RANGES = [
  { title: '1 hour', rangeMs: HOUR_MS, stepMs: MINUTE_MS, point: 'minute' },
  { title: '24 hours', rangeMs: 24 * HOUR_MS, stepMs: 10 * MINUTE_MS, point: 'ten minutes' },
  { title: '8 days', rangeMs: 8 * 24 * HOUR_MS, stepMs: HOUR_MS, point: 'hour' },
] as const;

export interface HistoryProps {
  readonly api: Api;
  readonly queriesTarget: number;
  readonly redisTargetBytes: number;
  /** Of all sources together; null without one. */
  readonly budget: number | null;
}

/** The last eight days by the minute, then days and weeks. */
export function History({ api, queriesTarget, redisTargetBytes, budget }: HistoryProps) {
  const [chosen, setChosen] = useState<(typeof RANGES)[number]>(RANGES[0]);
  const seen = useHistory(api, chosen.rangeMs);
  const points = useMemo(() => {
    if (!seen) return null;
    const { rangeMs, stepMs } = chosen;
    return buckets(seen.minutes, { fromMs: seen.atMs - rangeMs, toMs: seen.atMs, stepMs });
  }, [seen, chosen]);
  return (
    <section aria-labelledby="history">
      <div class="title">
        <h2 id="history">History</h2>
        <fieldset class="choice">
          <legend class="unseen">Range of the history</legend>
          {RANGES.map((range) => (
            <button
              key={range.title}
              type="button"
              aria-pressed={range === chosen}
              onClick={() => setChosen(range)}
            >
              {range.title}
            </button>
          ))}
        </fieldset>
      </div>
      {seen?.reach === 'process' && (
        <p class="note">
          These minutes are of one process, in its memory: there is no Redis, or it does not answer. With
          REDIS_URL eight days of all processes stay through every restart.
        </p>
      )}
      {points ? (
        <Charts points={points} point={chosen.point} {...{ queriesTarget, redisTargetBytes, budget }} />
      ) : (
        <p class="empty">Asking for the history…</p>
      )}
      <Periods api={api} />
    </section>
  );
}

interface ChartsProps extends Omit<HistoryProps, 'api'> {
  readonly points: readonly Bucket[];
  readonly point: string;
}

function Charts({ points, point, queriesTarget, redisTargetBytes, budget }: ChartsProps) {
  const startsMs = points.map(({ startMs }) => startMs);
  const slowest = point === 'minute' ? 'by the minute' : `of the slowest minute in each ${point}`;
  const budgetLine = {
    label: 'Budget',
    colour: 'second',
    dash: [8, 4],
    values: points.map(({ queries }) => (queries === null ? null : budget)),
  };
  return (
    <div class="charts">
      <Chart
        title="Hit rate"
        about={`of the reads in each ${point}`}
        startsMs={startsMs}
        lines={[
          { label: 'Hit rate', colour: 'first', values: points.map(({ hitRate }) => hitRate) },
          {
            label: 'Stale share of hits',
            colour: 'third',
            dash: [6, 4],
            values: points.map(({ staleShare }) => staleShare),
          },
        ]}
        target={{ label: 'Target', value: 60 }}
        format={percent}
        max={100}
      />
      <Chart
        title="Latency, 95th percentile"
        about={slowest}
        startsMs={startsMs}
        lines={[
          { label: 'Dashboards', colour: 'first', values: points.map(({ p95 }) => p95.dashboard) },
          { label: 'Memory', colour: 'second', dash: [2, 3], values: points.map(({ p95 }) => p95.l1) },
          { label: 'Redis', colour: 'third', dash: [6, 4], values: points.map(({ p95 }) => p95.l2) },
          { label: 'Source', colour: 'fourth', dash: [10, 4], values: points.map(({ p95 }) => p95.source) },
        ]}
        target={{ label: 'Target', value: 500 }}
        format={milliseconds}
      />
      <Chart
        title="Source queries a minute"
        about={point === 'minute' ? 'all sources together' : `of the busiest minute in each ${point}`}
        startsMs={startsMs}
        lines={[
          { label: 'Queries', colour: 'first', values: points.map(({ queries }) => queries) },
          ...(budget === null ? [] : [budgetLine]),
        ]}
        target={{ label: 'Target', value: queriesTarget }}
        format={count}
      />
      <Chart
        title="Memory"
        about="Redis, and the caches of all processes together"
        startsMs={startsMs}
        lines={[
          { label: 'Redis', colour: 'first', values: points.map(({ redisBytes }) => redisBytes) },
          {
            label: 'Processes',
            colour: 'third',
            dash: [6, 4],
            values: points.map(({ memoryBytes }) => memoryBytes),
          },
        ]}
        target={{ label: 'Target of Redis', value: redisTargetBytes }}
        format={bytes}
      />
    </div>
  );
}
