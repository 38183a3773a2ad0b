import type { Api } from '../shared/api.js';
import { bytes, count, milliseconds, percent, share } from './format.js';
import { PlainTable } from './plain-table.js';
import { usePeriods } from './use-history.js';

const HEADS = [
  'Period',
  'Reads',
  'Hit rate',
  'Stale share',
  'Errors',
  'Dashboards p95',
  'Queries a minute',
  'Busiest minute',
  'Redis at most',
];

/** Days and weeks since the first that is known. */
export function Periods({ api }: { api: Api }) {
  const periods = usePeriods(api)?.value;
  if (!periods?.enabled) return null;
  const rows = [periods.total, ...[...periods.periods].reverse()];
  return (
    <details class="card">
      <summary>Days and weeks</summary>
      {periods.total.minutes === 0 && (
        <p class="empty">No minute is over yet. Days are made of minutes, and kept for 400 days in Redis.</p>
      )}
      <PlainTable label="Days and weeks" heads={HEADS}>
        {rows.map((period) => (
          <tr key={`${period.kind} ${period.first_day}`}>
            <th scope="row">{titleOf(period)}</th>
            <td class="number">{count(period.requests)}</td>
            <td class="number strong">{percent(period.hit_rate)}</td>
            <td class="number">{percent(share(period.stale_hits, period.hits))}</td>
            <td class="number">{count(period.errors)}</td>
            <td class="number">{milliseconds(period.dashboard_load_time.p95_ms)}</td>
            <td class="number">{count(period.queries_per_minute)}</td>
            <td class="number">{count(period.busiest_minute_queries)}</td>
            <td class="number">{bytes(period.redis_max_bytes)}</td>
          </tr>
        ))}
      </PlainTable>
    </details>
  );
}

function titleOf({
  kind,
  first_day,
  last_day,
}: {
  kind: string;
  first_day: string;
  last_day: string;
}): string {
  if (kind === 'total') return 'All together';
  return kind === 'day' ? first_day : `Week ${first_day} to ${last_day}`;
}
